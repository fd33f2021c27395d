import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KeptNames } from '../../src/session/kept-names.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'steward-names-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const names = (): KeptNames => new KeptNames(join(home, 'deep', 'names'));

describe('kept names', () => {
  it('are none before the first one', () => {
    expect([names().list(), names().has('a')]).toEqual([[], false]);
  });

  it('are seen by everybody who uses the folder, and adding one again changes nothing', () => {
    const [first, second] = [names(), names()];

    first.add('a');
    second.add('b');
    first.add('b');

    expect([second.list().sort(), first.has('b'), second.has('c')]).toEqual([['a', 'b'], true, false]);
  });

  it('can be dropped, also when they are gone', () => {
    names().add('a');

    names().drop('a');
    names().drop('a');

    expect(names().list()).toEqual([]);
  });
});
