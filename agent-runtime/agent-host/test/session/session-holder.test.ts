import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { creatingHolder, holderHere, takeOver } from '../../src/session/session-holder.ts';

describe('the proof that an earlier holder has ended', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'steward-holder-'));
    mkdirSync(join(home, 'a'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const first = { instanceId: 'one', machineName: 'desk' };
  const second = { instanceId: 'two', machineName: 'desk' };

  it('is given on the same machine in the same folder, whose holder stays the same over every death', () => {
    const file = join(home, 'a', 'holder.json');

    expect(takeOver(file, first)).toEqual(first);
    expect(takeOver(file, second)).toEqual(first);
    expect(takeOver(file, { ...first, instanceId: 'three' })).toEqual(first);
  });

  it('is not given on another machine, in a copied folder, or where the file cannot be read or written', () => {
    takeOver(join(home, 'a', 'holder.json'), first);
    cpSync(join(home, 'a'), join(home, 'b'), { recursive: true });

    expect(takeOver(join(home, 'b', 'holder.json'), second)).toEqual(second);
    expect(takeOver(join(home, 'a', 'holder.json'), { ...second, machineName: 'laptop' })).toEqual({
      ...second,
      machineName: 'laptop',
    });
    expect(takeOver(join(home, 'none', 'holder.json'), second)).toEqual(second);
  });
});

describe('the holder of a new session', () => {
  it('is the same for every repetition of a call, and says nothing of its key', () => {
    const [once, again, other] = [
      creatingHolder('key', 'fresh-1'),
      creatingHolder('key', 'fresh-2'),
      creatingHolder('other', 'fresh-3'),
    ];

    expect(again).toEqual(once);
    expect(other.instanceId).not.toBe(once.instanceId);
    expect(once).toEqual(holderHere(expect.stringMatching(/^by-[0-9a-f]{32}$/) as unknown as string));
  });

  it('is a new one for a call that names no key', () => {
    expect(creatingHolder(undefined, 'fresh')).toEqual(holderHere('fresh'));
  });
});
