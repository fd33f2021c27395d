import { describe, expect, it } from '@jest/globals';
import { normalizePath, type NormalizeOptions } from '../src/index.ts';
import { linux } from './support.ts';

const facts = { ...linux, realPaths: { '/work/app/link': '/srv/data/deep', '/work/app/dir': '/work/app/other' } };

function places(path: string, options: NormalizeOptions = {}): unknown {
  const result = normalizePath(path, facts, options);
  return result.ok ? { written: result.written.text, real: result.real.text } : result;
}

describe('normalizePath', () => {
  it('follows the deepest known link', () => {
    expect(places('link/a/b')).toEqual({ written: '/work/app/link/a/b', real: '/srv/data/deep/a/b' });
  });

  it('climbs out of the written folder for file tools and out of the real one for shells', () => {
    expect(places('link/../x')).toEqual({ written: '/work/app/x', real: '/work/app/x' });
    expect(places('link/../x', { physical: true })).toEqual({ written: '/work/app/x', real: '/srv/data/x' });
  });

  it('starts relative paths where it is told', () => {
    expect(places('a', { base: '/else' })).toEqual({ written: '/else/a', real: '/else/a' });
    expect(normalizePath('a', { platform: 'linux' })).toEqual({
      ok: false,
      problem: 'it is relative and no folder is known',
    });
  });

  it('says what is wrong with a path', () => {
    expect(places('')).toEqual({ ok: false, problem: 'it is empty' });
    expect(places('a\0b')).toEqual({ ok: false, problem: 'it contains a NUL character' });
    expect(places('x'.repeat(5000))).toEqual({ ok: false, problem: 'it is longer than 4096 characters' });
    expect(normalizePath('~/x', { platform: 'linux' })).toEqual({ ok: false, problem: 'the home folder is not known' });
  });

  it('puts Windows paths into one form', () => {
    const windows = { platform: 'win32' as const, cwd: 'C:\\app' };
    const text = (path: string) => {
      const result = normalizePath(path, windows);
      return result.ok ? result.real.text : result.problem;
    };

    expect(text('a/./b.. ')).toBe('C:\\app\\a\\b');
    expect(text('\\\\?\\c:\\x')).toBe('C:\\x');
    expect(text('\\\\Server\\share\\x')).toBe('\\\\server\\share\\x');
    expect(text('d:x')).toBe('it is relative to the current folder of a drive');
    expect(text('x\\COM1.txt')).toBe('it names a device');
    expect(text('PROGRA~1')).toBe('it contains a short (8.3) name');
  });
});
