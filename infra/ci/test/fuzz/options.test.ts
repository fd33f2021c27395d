import { describe, expect, test } from '@jest/globals';
import { cacheFolder } from '../../src/fuzz/environment.ts';
import { UsageError, parseOptions } from '../../src/fuzz/options.ts';

describe('the options of a fuzzing run', () => {
  test('are a long run with a random seed, or a fixed budget with a fixed seed', () => {
    const options = { long: parseOptions([], 42), ci: parseOptions(['--ci'], 42), again: parseOptions(['--ci'], 43) };

    expect(options.long).toEqual({
      requests: 100_000,
      seed: 42,
      examples: 100,
      services: [],
      withoutEdges: [],
      parallel: 2,
    });
    expect(options.ci).toEqual({
      requests: 0,
      seed: 20_260_101,
      examples: 3,
      services: [],
      withoutEdges: ['createDraft', 'updateDraft', 'diffPolicy', 'evaluate', 'simulatePolicy'],
      parallel: 2,
    });
    expect(options.again).toEqual(options.ci);
  });

  test('replay one seed on the named services', () => {
    const options = parseOptions(
      [
        '--requests',
        '0',
        '--seed',
        '7',
        '--examples',
        '9',
        '--service',
        'audit',
        '--service',
        'policy',
        '--parallel',
        '1',
      ],
      42,
    );

    expect(options).toEqual({
      requests: 0,
      seed: 7,
      examples: 9,
      services: ['audit', 'policy'],
      withoutEdges: [],
      parallel: 1,
    });
  });

  test.each([[['--fast']], [['--seed', 'x']], [['--seed']], [['--requests', '-1']]])('refuse %j', (args) => {
    expect(() => parseOptions(args, 42)).toThrow(UsageError);
  });
});

describe('the folder of the Python environment', () => {
  test('is the cache folder of the platform', () => {
    const folders = [
      cacheFolder({ XDG_CACHE_HOME: '/c' }, 'linux', '/home/a'),
      cacheFolder({}, 'linux', '/home/a'),
      cacheFolder({}, 'darwin', '/Users/a'),
    ];

    expect(folders).toEqual(['/c/steward', '/home/a/.cache/steward', '/Users/a/Library/Caches/Steward']);
  });
});
