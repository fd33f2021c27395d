import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Decision, PolicyBundle, PolicyFacts } from '@steward/contracts';
import { decide } from '../src/index.ts';

interface Case {
  /** `judged`: neither an attack nor everyday work; its decision is fixed all the same. */
  readonly kind: 'benign' | 'hostile' | 'judged';
  readonly command: string;
  readonly decision: Decision['decision'];
  readonly reason: string;
}

const folder = new URL('../corpus/commands/', import.meta.url);
const read = <T>(url: URL): T => JSON.parse(readFileSync(url, 'utf8')) as T;
const { policy, facts } = read<{ policy: PolicyBundle; facts: PolicyFacts }>(
  new URL('../corpus/developer-policy.json', import.meta.url),
);
const families = readdirSync(folder).map((name) => read<{ family: string; cases: Case[] }>(new URL(name, folder)));

describe.each(families)('commands of the family $family', ({ cases }) => {
  it.each(cases)('$decision: $command', ({ command, decision, reason }) => {
    const decided = decide(policy, { toolName: 'RunCommand', arguments: { command } }, facts);

    expect({ decision: decided.decision, reason: decided.reasonCodes[0] }).toEqual({ decision, reason });
  });

  it('lets no attack through', () => {
    expect(cases.filter(({ kind, decision }) => kind === 'hostile' && decision === 'allow')).toEqual([]);
  });
});

it('everyday work passes: at least 94 of 100 under a policy that lists programs only', () => {
  const benign = families.flatMap(({ cases }) => cases).filter(({ kind }) => kind === 'benign');

  expect(benign.filter(({ decision }) => decision === 'allow').length / benign.length).toBeGreaterThanOrEqual(0.94);
});
