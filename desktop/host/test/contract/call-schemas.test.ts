import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { appVersion, callSchemas, checkCallParams, isCallName } from '../../src/index.ts';

const sessionId = 'sess_00000000000000000000000001';
const digest = `sha256:${'a'.repeat(64)}`;

describe('the table of call schemas', () => {
  it('has a row for every call of the bridge and for nothing else', () => {
    const source = readFileSync(new URL('../../src/contract/bridge.ts', import.meta.url), 'utf8');
    const body = source.slice(source.indexOf('export interface HostCalls {'), source.indexOf('/** Name of a call'));
    const declared = [...body.matchAll(/^ {2}(\w+): \{\s*params:/gm)].map((match) => match[1]);

    expect(Object.keys(callSchemas).sort()).toEqual(declared.sort());
  });

  it('refuses fields that the call does not name, everywhere', () => {
    for (const name of Object.keys(callSchemas).filter(isCallName)) {
      expect(() => checkCallParams(name, { surprise: true })).toThrow(
        expect.objectContaining({ code: 'INVALID_REQUEST' }),
      );
    }
  });

  it('accepts what a renderer sends', () => {
    const approval = {
      sessionId,
      approvalId: 'appr_00000000000000000000000001',
      actionDigest: digest,
      decision: 'denied',
      reason: 'no',
    };

    expect(checkCallParams('getSnapshot', {})).toEqual({});
    expect(checkCallParams('openConversation', { projectDir: null })).toEqual({ projectDir: null });
    expect(checkCallParams('approve', approval)).toEqual(approval);
    expect(checkCallParams('setSettings', { settings: { theme: 'dark' } })).toEqual({ settings: { theme: 'dark' } });
  });

  it('names the field that is wrong and never repeats its value', () => {
    const attempt = (): unknown => checkCallParams('startTask', { sessionId: 'secret-token', prompt: 'x' });

    expect(attempt).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', message: expect.stringContaining('sessionId') }),
    );
    expect(attempt).not.toThrow(/secret-token/);
  });

  it('knows no inherited names', () => {
    expect([isCallName('toString'), isCallName('__proto__'), isCallName(3), isCallName('signIn')]).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});

describe('appVersion', () => {
  it('equals the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };

    expect(appVersion).toBe(version);
  });
});
