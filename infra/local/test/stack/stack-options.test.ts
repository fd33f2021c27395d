import { describe, expect, it } from '@jest/globals';
import { parseStackOptions } from '../../src/stack/stack-options.ts';
import type { OptionsContext } from '../../src/stack/stack-options.ts';

function context(extra: Partial<OptionsContext> = {}): OptionsContext {
  return { env: {}, platform: 'linux', homeDir: '/home/ada', cwd: '/work', ...extra };
}

describe('the command line', () => {
  it('is optional', () => {
    expect(parseStackOptions([], context())).toEqual({
      home: '/home/ada/.local/share/steward',
      port: undefined,
      open: true,
      json: false,
      stackOnly: false,
      watch: false,
    });
  });

  it('understands every option, with a space or an equals sign', () => {
    const args = ['--home', 'data', '--port=4100', '--no-open', '--json', '--stack-only', '--watch'];

    expect(parseStackOptions(args, context())).toEqual({
      home: '/work/data',
      port: 4100,
      open: false,
      json: true,
      stackOnly: true,
      watch: true,
    });
  });

  it.each([
    [['--verbose'], 'The option --verbose is unknown.'],
    [['start'], 'The option start is unknown.'],
    [['--home'], '--home needs a value.'],
    [['--home='], '--home needs a value.'],
    [['--port', 'http'], '--port must be a number from 1 to 65525, not http.'],
    [['--port', '65530'], '--port must be a number from 1 to 65525, not 65530.'],
    [['--json=yes'], '--json takes no value.'],
  ])('refuses %j', (args, message) => {
    expect(() => parseStackOptions(args, context())).toThrow(message);
  });
});

describe('the home', () => {
  it.each([
    ['linux', { XDG_DATA_HOME: '/data' }, '/data/steward'],
    ['darwin', {}, '/home/ada/Library/Application Support/Steward'],
    ['linux', { STEWARD_HOME: '/srv/steward', XDG_DATA_HOME: '/data' }, '/srv/steward'],
  ] as const)('on %s with %j is %s', (platform, env, home) => {
    expect(parseStackOptions([], context({ platform, env })).home).toBe(home);
  });

  it('is what the command line says before all else', () => {
    const options = parseStackOptions(['--home', '/here'], context({ env: { STEWARD_HOME: '/there' } }));

    expect(options.home).toBe('/here');
  });
});
