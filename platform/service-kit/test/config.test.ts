import { describe, expect, it } from '@jest/globals';
import { ConfigError, readServiceConfig } from '../src/index.ts';

const minimal = {
  OIDC_ISSUER: 'http://127.0.0.1:4000/',
  OIDC_AUDIENCES: 'urn:steward:service:policy, urn:steward:api',
};

describe('readServiceConfig', () => {
  it('fills in what is left out and freezes the result', () => {
    const config = readServiceConfig({ ...minimal, SESSION_SERVICE_URL: 'https://127.0.0.1:7001/v1', HOST: '' });

    expect(config).toEqual({
      env: 'local',
      host: '127.0.0.1',
      port: 0,
      oidc: {
        issuer: 'http://127.0.0.1:4000/',
        audiences: ['urn:steward:service:policy', 'urn:steward:api'],
        tokenTypes: ['at+jwt'],
        revocation: { kind: 'introspection' },
      },
      rateLimits: true,
      corsOrigins: [],
      store: 'dynamo',
      serviceUrls: { session: 'https://127.0.0.1:7001/v1' },
    });
    expect(Object.isFrozen(config.oidc.audiences)).toBe(true);
  });

  it.each([
    ['OIDC_ISSUER', { OIDC_ISSUER: undefined }],
    ['OIDC_ISSUER', { OIDC_ISSUER: 'http://user:pass@host' }],
    ['OIDC_AUDIENCES', { OIDC_AUDIENCES: ' ' }],
    ['PORT', { PORT: '70000' }],
    ['PORT', { PORT: 'http' }],
    ['OIDC_REVOCATION', { OIDC_REVOCATION: 'sometimes' }],
    ['OIDC_REVOCATION_URL', { OIDC_REVOCATION: 'list' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: '*' }],
    ['CORS_ORIGINS', { CORS_ORIGINS: 'https://app.example.com/' }],
    ['RATE_LIMITS', { RATE_LIMITS: 'no' }],
    ['STEWARD_STORE', { STEWARD_STORE: 'sqlite' }],
    ['TLS_KEY_FILE', { TLS_CERT_FILE: '/cert.pem' }],
    ['POLICY_SERVICE_URL', { POLICY_SERVICE_URL: 'file:///etc/passwd' }],
  ])('names %s when it is unusable', (variable, changes) => {
    const attempt = (): unknown => readServiceConfig({ ...minimal, ...changes });

    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(variable);
  });
});
