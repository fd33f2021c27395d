import { describe, expect, it } from '@jest/globals';
import { taskIdFrom } from '../../src/format/ids.ts';
import { countOf, formatBytes, formatTokens } from '../../src/format/numbers.ts';
import { baseName, parentPath, relativeTo } from '../../src/format/paths.ts';
import { formatClock, formatDuration, formatRelative } from '../../src/format/time.ts';

describe('formats', () => {
  it('gives numbers units', () => {
    expect([840, 12_345, 400_000, 1_200_000, 999_980].map(formatTokens)).toEqual([
      '840',
      '12.3k',
      '400k',
      '1.2M',
      '1M',
    ]);
    expect([12, 1536, 3 * 1024 * 1024].map(formatBytes)).toEqual(['12 B', '1.5 KiB', '3 MiB']);
    expect([countOf(1, 'file'), countOf(1200, 'file')]).toEqual(['1 file', '1,200 files']);
  });

  it('gives durations on one line', () => {
    expect([0, 340, 2412, 9960, 65_000, 120_000, 3_720_000].map(formatDuration)).toEqual([
      '0 ms',
      '340 ms',
      '2.4 s',
      '10 s',
      '1 min 5 s',
      '2 min',
      '1 h 2 min',
    ]);
    expect([-5, 7000, 299_000, 3_723_000].map(formatClock)).toEqual(['0:00', '0:07', '4:59', '1:02:03']);
  });

  it('tells how long ago', () => {
    const now = Date.parse('2026-11-21T08:00:00.000Z');
    const ago = (seconds: number): string => formatRelative(new Date(now - seconds * 1000).toISOString(), now);

    expect([5, 300, 7200, 90_000, 3 * 86_400].map(ago)).toEqual([
      'just now',
      '5 min ago',
      '2 h ago',
      'yesterday',
      '3 days ago',
    ]);
  });

  it('cuts paths of any platform', () => {
    expect([baseName('/a/b/'), baseName('C:\\a\\b'), parentPath('src/a.ts'), parentPath('a.ts')]).toEqual([
      'b',
      'b',
      'src',
      '',
    ]);
    expect([relativeTo('/a', '/a/b.ts'), relativeTo('/a', '/ab/c.ts'), relativeTo(null, '/a')]).toEqual([
      'b.ts',
      '/ab/c.ts',
      '/a',
    ]);
  });

  it('makes task ids of the contract’s form', () => {
    expect(taskIdFrom(Date.parse('2026-11-21T08:00:00.000Z'), new Uint8Array(16).fill(255))).toMatch(
      /^task_[0-9A-HJKMNP-TV-Z]{26}$/,
    );
  });
});
