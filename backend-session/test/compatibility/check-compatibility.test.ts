import { describe, expect, it } from '@jest/globals';
import type { ClientInfo } from '@steward/contracts';
import { checkCompatibility } from '../../src/compatibility/check-compatibility.ts';

const supported = {
  desktopAppVersion: { min: '1.2.0', install: '1.4.0' },
  localAgentHostVersion: { min: '1.0.0', max: '1.9.9', install: '1.9.0' },
  protocolVersion: { min: '1', max: '1', install: '1' },
  bundleSchemaVersion: { min: '1', max: '1', install: '1' },
};
const client = (changes: Partial<ClientInfo>): ClientInfo => ({
  desktopAppVersion: '1.2.0',
  localAgentHostVersion: '1.5.0',
  osFamily: 'Linux',
  ...changes,
});

describe('compatibility of a client', () => {
  it('accepts versions on and inside the ends of a range, and components it was not told', () => {
    expect(checkCompatibility(client({}), supported)).toEqual([]);
    expect(
      checkCompatibility(client({ desktopAppVersion: '2.0.0', localAgentHostVersion: '1.9.9' }), supported),
    ).toEqual([]);
  });

  it('names every component outside its range and the version to install', () => {
    const found = checkCompatibility(
      client({ desktopAppVersion: '1.1.9', localAgentHostVersion: '2.0.0', protocolVersion: 2 }),
      supported,
    );
    expect(found).toEqual([
      { component: 'desktopAppVersion', version: '1.1.9', supported: '>=1.2.0', install: '1.4.0' },
      { component: 'localAgentHostVersion', version: '2.0.0', supported: '1.0.0 to 1.9.9', install: '1.9.0' },
      { component: 'protocolVersion', version: '2', supported: '1', install: '1' },
    ]);
  });

  it('compares number by number, a pre-release below its release, and refuses what is no version', () => {
    expect(checkCompatibility(client({ desktopAppVersion: '1.10.0' }), supported)).toEqual([]);
    expect(checkCompatibility(client({ desktopAppVersion: '1.2.0-beta.1' }), supported)).toHaveLength(1);
    expect(checkCompatibility(client({ desktopAppVersion: 'latest' }), supported)).toHaveLength(1);
  });
});
