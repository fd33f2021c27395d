import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../src/config.ts';

const base = { OIDC_ISSUER: 'http://127.0.0.1:1', OIDC_AUDIENCES: 'urn:steward:service:workspace' };

describe('readConfig', () => {
  it('keeps contents in files unless told otherwise, and asks for their folder', () => {
    expect(readConfig({ ...base, CONTENT_DIR: '/data' }).content).toEqual({ kind: 'file', folder: '/data' });
    expect(() => readConfig(base)).toThrow('CONTENT_DIR');
    expect(() => readConfig({ ...base, CONTENT_DIR: 'relative' })).toThrow('CONTENT_DIR');
  });

  it('keeps contents in memory beside repositories in memory', () => {
    expect(readConfig({ ...base, STEWARD_STORE: 'memory' }).content).toEqual({ kind: 'memory' });
  });

  it('names the bucket after the environment', () => {
    const content = readConfig({
      ...base,
      CONTENT_STORE: 's3',
      STEWARD_ENV: 'prod',
      AWS_ENDPOINT_URL: 'http://s3',
    }).content;

    expect(content).toEqual({ kind: 's3', bucket: 'prod-workspace-artifacts', endpoint: 'http://s3' });
  });
});
