import { describe, expect, it } from '@jest/globals';
import { programEnvironment } from '../src/index.ts';

describe('the environment of a program', () => {
  it('holds what programs need to run and to find their tools, and nothing that may be a secret', () => {
    const env = {
      PATH: '/usr/bin',
      HOME: '/home/alice',
      JAVA_HOME: '/opt/java',
      GOPATH: '/home/alice/go',
      LC_ALL: 'C.UTF-8',
      AWS_SECRET_ACCESS_KEY: 'aws',
      LLM_GATEWAY_AUTH_TOKEN: 'gateway',
      HTTPS_PROXY: 'http://alice:secret@proxy',
      NODE_OPTIONS: '--require ./evil.cjs',
      LD_PRELOAD: '/tmp/evil.so',
      BASH_ENV: '/tmp/evil.sh',
      TZ: undefined,
    };

    const inherited = programEnvironment(env, 'linux');

    expect(inherited).toEqual({
      PATH: '/usr/bin',
      HOME: '/home/alice',
      JAVA_HOME: '/opt/java',
      GOPATH: '/home/alice/go',
      LC_ALL: 'C.UTF-8',
    });
  });

  it('is found in any spelling on Windows, and only there', () => {
    const env = { Path: 'C:\\Windows', SystemRoot: 'C:\\Windows', 'ProgramFiles(x86)': 'C:\\P', Token: 'x' };

    expect(programEnvironment(env, 'win32')).toEqual({
      Path: 'C:\\Windows',
      SystemRoot: 'C:\\Windows',
      'ProgramFiles(x86)': 'C:\\P',
    });
    expect(programEnvironment(env, 'linux')).toEqual({});
  });
});
