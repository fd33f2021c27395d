import { describe, expect, it } from '@jest/globals';
import { readConfig, toolEnvironment } from '../src/config.ts';

const env = {
  PATH: '/bin',
  STEWARD_HOME: '/home/alice/.steward',
  SESSION_SERVICE_URL: 'https://127.0.0.1:1/v1',
  WORKSPACE_SERVICE_URL: 'https://127.0.0.1:2/v1',
  APPROVAL_SERVICE_URL: 'https://127.0.0.1:3/v1',
  AUDIT_SERVICE_URL: 'https://127.0.0.1:4/v1',
  POLICY_JWKS_URL: 'https://127.0.0.1:5/v1/.well-known/jwks.json',
  LLM_GATEWAY_ENDPOINT: 'http://127.0.0.1:6/v1',
  LLM_GATEWAY_AUTH_TOKEN: 'secret',
};

describe('the configuration', () => {
  it('is read from the environment', () => {
    expect(readConfig(env)).toMatchObject({
      home: '/home/alice/.steward',
      gateway: { endpoint: 'http://127.0.0.1:6/v1', token: 'secret' },
      demoModel: false,
      sandbox: 'auto',
    });
  });

  it.each([
    ['POLICY_JWKS_URL', ''],
    ['SESSION_SERVICE_URL', 'ftp://x'],
    ['LLM_GATEWAY_ENDPOINT', 'not an address'],
    ['STEWARD_GATEWAY_STALL_SECONDS', '-1'],
  ])('names %s when it is wrong, without repeating its value', (name, value) => {
    expect(() => readConfig({ ...env, [name]: value })).toThrow(new RegExp(`^${name} `));
  });

  it('keeps every secret and setting of this process from tools', () => {
    expect(toolEnvironment({ ...env, STEWARD_MODEL: 'x', NODE_OPTIONS: '--inspect', LANG: 'C' })).toEqual({
      PATH: '/bin',
      LANG: 'C',
    });
  });
});
