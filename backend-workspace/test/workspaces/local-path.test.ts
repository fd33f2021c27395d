import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { localPathKey, normalizeLocalPath } from '../../src/workspaces/local-path.ts';
import { alice } from '../fixtures.ts';

describe('normalizeLocalPath', () => {
  it.each([
    ['/home/alice/project', '/home/alice/project'],
    ['/home/alice/project/', '/home/alice/project'],
    ['//home//alice/./x/../project', '/home/alice/project'],
    ['/', '/'],
    ['C:\\Users\\alice\\project\\', 'C:\\Users\\alice\\project'],
    ['c:/Users/alice', 'c:\\Users\\alice'],
    ['C:\\', 'C:\\'],
    ['\\\\server\\share\\project', '\\\\server\\share\\project'],
  ])('spells %s as %s', (given, expected) => {
    expect(normalizeLocalPath(given)).toBe(expected);
  });

  it.each(['project', './project', '~/project', 'C:project', '/home/\0/x', '\ud800/x', '\\\\server'])(
    'refuses %j',
    (given) => {
      expect(() => normalizeLocalPath(given)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    },
  );

  it('spells its own answer the same way again', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z.\\/]{0,6}$/)), (parts) => {
        const once = normalizeLocalPath(`/${parts.join('/')}`);
        expect(normalizeLocalPath(once)).toBe(once);
      }),
    );
  });
});

describe('localPathKey', () => {
  it('differs in case for POSIX paths and not for Windows paths', () => {
    expect(localPathKey(alice, '/A')).not.toBe(localPathKey(alice, '/a'));
    expect(localPathKey(alice, 'C:\\A')).toBe(localPathKey(alice, 'c:\\a'));
  });

  it('never takes one owner for another, whatever their names hold', () => {
    const path = '/p';
    const keys = [
      localPathKey({ tenantId: 'a#b', userId: 'c' }, path),
      localPathKey({ tenantId: 'a', userId: 'b#c' }, path),
      localPathKey({ tenantId: 'a%23b', userId: 'c' }, path),
    ];
    expect(new Set(keys).size).toBe(3);
  });
});
