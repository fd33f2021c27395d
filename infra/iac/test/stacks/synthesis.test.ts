import { beforeAll, describe, expect, it } from '@jest/globals';
import { environmentNames } from '../../src/settings.ts';
import type { EnvironmentName } from '../../src/settings.ts';
import { synthesize } from '../support/synthesize.ts';
import type { Synthesized } from '../support/synthesize.ts';
import { describeData } from './data.ts';
import { describePermissions } from './permissions.ts';
import { describeServices } from './services.ts';

const all = new Map<EnvironmentName, Synthesized>();
const of = (environment: EnvironmentName) => (): Synthesized => {
  const synthesized = all.get(environment);
  if (synthesized === undefined) throw new Error(`${environment} was not synthesized.`);
  return synthesized;
};

beforeAll(() => {
  // Each run is refused by the rule pack when a finding is open.
  for (const environment of environmentNames) all.set(environment, synthesize(environment));
}, 600_000);

for (const environment of environmentNames) {
  describeData(environment, of(environment));
  describePermissions(environment, of(environment));
  describeServices(environment, of(environment));
}

describe('the accepted findings of the rule pack', () => {
  it.each(environmentNames)('have a full sentence each, in %s', (environment) => {
    const own = of(environment)().acknowledgements.filter(({ rule }) => rule.startsWith('AwsSolutions'));

    expect(own.length).toBeGreaterThan(0);
    for (const { reason } of own) expect(reason).toMatch(/^[A-Z](?:\S* ){7,}\S+\.$/);
  });
});

describe('a deployment that is described wrongly', () => {
  it.each([
    ['account', '12', /account is 12; it must be the twelve digits of the account/],
    ['domain', 'https://x', /domain is https:\/\/x; it must be a domain/],
    ['bucketSuffix', '_A', /bucketSuffix is _A; it must be empty/],
  ])(
    'is refused with the name and the rule of %s',
    (key, value, sentence) => {
      expect(() => synthesize('dev', { [key]: value })).toThrow(sentence);
    },
    300_000,
  );
});
