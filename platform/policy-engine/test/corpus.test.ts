import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Capability, Decision, PolicyFacts } from '@steward/contracts';
import { decide, reasonCodes } from '../src/index.ts';
import { bundleOf, emptyPolicy, starterBundle } from './support.ts';

interface Expected {
  readonly decision: Decision['decision'];
  readonly reason: string;
}

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../corpus/${name}.json`, import.meta.url), 'utf8')) as T;
}

function outcome(decision: Decision): Expected {
  return { decision: decision.decision, reason: decision.reasonCodes[0] ?? '' };
}

interface CommandCase extends Expected {
  readonly kind: 'benign' | 'work' | 'hostile';
  readonly command: string;
}

describe('corpus of commands', () => {
  const { policy, facts, cases } = load<{ policy: string; facts: PolicyFacts; cases: CommandCase[] }>('commands');

  it.each(cases)('$decision: $command', ({ command, decision, reason }) => {
    const decided = decide(starterBundle(policy), { toolName: 'RunCommand', arguments: { command } }, facts);

    expect(outcome(decided)).toEqual({ decision, reason });
  });

  it('holds at least 200 commands, lets ordinary work through and no hostile command', () => {
    const benign = cases.filter((each) => each.kind === 'benign');
    const hostile = cases.filter((each) => each.kind === 'hostile');

    expect(cases.length).toBeGreaterThanOrEqual(200);
    expect(benign.filter((each) => each.decision === 'allow').length / benign.length).toBeGreaterThanOrEqual(0.95);
    expect(hostile.filter((each) => each.decision === 'allow')).toEqual([]);
  });
});

describe('corpus of paths', () => {
  interface PathCase extends Expected {
    readonly platform: string;
    readonly path: string;
  }
  const { capabilities, machines, cases } = load<{
    capabilities: Capability[];
    machines: Record<string, PolicyFacts>;
    cases: PathCase[];
  }>('paths');
  const bundle = bundleOf({ ...emptyPolicy, capabilities });

  it.each(cases)('$decision on $platform: $path', ({ platform, path, decision, reason }) => {
    for (const toolName of ['ReadFile', 'WriteFile']) {
      const decided = decide(bundle, { toolName, arguments: { path, content: '' } }, machines[platform] ?? {});

      expect(outcome(decided)).toEqual({ decision, reason });
    }
  });

  it('holds at least 150 paths', () => {
    expect(cases.length).toBeGreaterThanOrEqual(150);
  });
});

describe('corpus of URLs', () => {
  const { capabilities, dns, cases } = load<{
    capabilities: Capability[];
    dns: Record<string, string[]>;
    cases: (Expected & { url: string })[];
  }>('urls');
  const bundle = bundleOf({ ...emptyPolicy, capabilities });

  it.each(cases)('$decision: $url', ({ url, decision, reason }) => {
    const decided = decide(bundle, { toolName: 'HttpRequest', arguments: { method: 'GET', url } }, { dns });

    expect(outcome(decided)).toEqual({ decision, reason });
  });

  it('holds at least 150 URLs and only documented reasons', () => {
    const documented = new Set<string>(reasonCodes);

    expect(cases.length).toBeGreaterThanOrEqual(150);
    expect(cases.filter((each) => !documented.has(each.reason))).toEqual([]);
  });
});
