import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Decision, PolicyFacts } from '@steward/contracts';
import { decide, starterPolicies } from '../src/index.ts';
import { readingCommands } from '../src/starter-policies/shared.ts';
import { starterBundle } from './support.ts';

interface Corpus {
  readonly family: string;
  readonly policy: string;
  readonly facts: PolicyFacts;
  readonly cases: readonly {
    /** `judged`: asked about by the policy's own intent, or neither attack nor everyday work. */
    readonly kind: 'benign' | 'hostile' | 'judged';
    readonly command: string;
    readonly decision: Decision['decision'];
    readonly reason: string;
  }[];
}

const folder = new URL('../corpus/starters/', import.meta.url);
const corpora = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Corpus);

describe.each(corpora)('$family under $policy', ({ policy, facts, cases }) => {
  const bundle = starterBundle(policy);

  it('decides each command as written down', () => {
    const decided = cases.map(({ kind, command }) => {
      const { decision, reasonCodes } = decide(bundle, { toolName: 'RunCommand', arguments: { command } }, facts);
      return { kind, command, decision, reason: reasonCodes[0] };
    });

    expect(decided).toEqual(cases);
  });

  it('lets no attack through', () => {
    expect(cases.filter(({ kind, decision }) => kind === 'hostile' && decision === 'allow')).toEqual([]);
  });
});

it('everyday work passes under the starter policies: at least 95 of 100 commands', () => {
  const benign = corpora.flatMap(({ cases }) => cases).filter(({ kind }) => kind === 'benign');

  expect(benign.length).toBeGreaterThan(500);
  expect(benign.filter(({ decision }) => decision === 'allow').length / benign.length).toBeGreaterThanOrEqual(0.95);
});

describe('programs that only look', () => {
  const { facts } = corpora[0]!;
  /** They say their words, or something of the machine, and open no file that is named. */
  const opensNothing =
    /^(?:echo|printf|test|\[|true|false|sleep|seq|basename|dirname|realpath|readlink|which|type|command|expr|cal|ls|find|stat|du|df|tree|tr|uname|whoami|id|hostname|nproc|uptime|arch|tty|groups|locale|whereis|ps|printenv|free|getconf|numfmt|pwd|date|fd|fdfind|jq|sed|awk|rg|grep|egrep|fgrep)$/;
  const openers = readingCommands.filter((entry) => /^\S+$/.test(entry) && !opensNothing.test(entry));

  it.each(['Careful developer', 'Trusted project'])(
    'are asked about a file of secrets that they name under %s',
    (name) => {
      const bundle = starterBundle(name);
      const silent = [
        ...openers.map((entry) => `${entry} .env`),
        'grep . .env',
        'rg . .env',
        'sed -n p .env',
        'awk 1 .env',
        'jq . .env',
        'tree .env',
      ].filter(
        (command) => decide(bundle, { toolName: 'RunCommand', arguments: { command } }, facts).decision === 'allow',
      );

      expect(openers.length).toBeGreaterThan(30);
      expect(silent).toEqual([]);
    },
  );

  it('are listed by the starter policies that let the agent look', () => {
    const listed = starterPolicies['Careful developer']!.capabilities.find(({ name }) => name === 'Shell.Exec');

    expect(listed?.allowedCommands).toEqual(expect.arrayContaining([...readingCommands]));
  });
});
