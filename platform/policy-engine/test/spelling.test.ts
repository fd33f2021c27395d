import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Capability, Decision, PolicyFacts } from '@steward/contracts';
import { decide } from '../src/index.ts';
import { bundleOf, emptyPolicy } from './support.ts';

interface Expected {
  readonly decision: Decision['decision'];
  readonly reason: string;
}

const load = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../corpus/${name}.json`, import.meta.url), 'utf8')) as T;
const outcome = ({ decision, reasonCodes }: Decision): Expected => ({ decision, reason: reasonCodes[0] ?? '' });

describe('spellings of paths', () => {
  const { capabilities, machines } = load<{ capabilities: Capability[]; machines: Record<string, PolicyFacts> }>(
    'paths',
  );
  const { cases } = load<{ cases: (Expected & { platform: string; path: string })[] }>('spelling/paths');
  const bundle = bundleOf({ ...emptyPolicy, capabilities });

  it.each(cases)('$decision on $platform: $path', ({ platform, path, decision, reason }) => {
    const decided = ['ReadFile', 'WriteFile'].map((toolName) =>
      outcome(decide(bundle, { toolName, arguments: { path, content: '' } }, machines[platform] ?? {})),
    );

    expect(decided).toEqual([
      { decision, reason },
      { decision, reason },
    ]);
  });
});

describe('spellings of addresses', () => {
  const { capabilities, dns } = load<{ capabilities: Capability[]; dns: Record<string, string[]> }>('urls');
  const { cases } = load<{ cases: (Expected & { url: string })[] }>('spelling/urls');
  const bundle = bundleOf({ ...emptyPolicy, capabilities });

  it.each(cases)('$decision: $url', ({ url, decision, reason }) => {
    const decided = decide(bundle, { toolName: 'HttpRequest', arguments: { method: 'GET', url } }, { dns });

    expect(outcome(decided)).toEqual({ decision, reason });
  });
});
