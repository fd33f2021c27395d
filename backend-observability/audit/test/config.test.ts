import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../src/config.ts';

const needed = { OIDC_ISSUER: 'https://login.example.com', OIDC_AUDIENCES: 'urn:steward:api' };

describe('the configuration of the Audit Service', () => {
  it.each([
    [undefined, 60],
    ['0', 0],
    ['3600', 3600],
  ])('takes %s as the pause between checks of chains', (text, seconds) => {
    expect(readConfig({ ...needed, CHAIN_CHECK_SECONDS: text }).chainCheckSeconds).toBe(seconds);
  });

  it.each(['-1', 'often', '86401'])('refuses %s and names the setting', (text) => {
    expect(() => readConfig({ ...needed, CHAIN_CHECK_SECONDS: text })).toThrow('CHAIN_CHECK_SECONDS');
  });
});
