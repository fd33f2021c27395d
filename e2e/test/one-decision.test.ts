import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type {
  Capability,
  Decision,
  DecisionSummary,
  PendingApproval,
  PolicyContent,
  PolicyFacts,
  RecordedAction,
} from '@steward/contracts';
import {
  callService,
  createManualClock,
  createTestIssuer,
  silentLogger,
} from '../../platform/service-kit/src/test-support/index.ts';
import type { ServiceCaller } from '../../platform/service-kit/src/test-support/index.ts';
import { CallJudge } from '../../agent-runtime/agent-host/src/loop/call-judge.ts';
import { createApp } from '../../backend-policy/src/app.ts';
import { KeyRing } from '../../backend-policy/src/keys/key-ring.ts';
import { MemoryPolicyRepository } from '../../backend-policy/src/policies/repository.memory.ts';
import { bundleOf } from '../../backend-policy/src/bundles/service.ts';
import { simulate } from '../../backend-policy/src/simulations/replay.ts';
import { replayInline } from '../../backend-policy/src/simulations/replay-recorded.ts';
import { root, temporaryFolder } from '../support/stack.ts';

interface Asked {
  readonly name: string;
  readonly policy: PolicyContent;
  readonly facts: PolicyFacts;
  readonly toolName: string;
  readonly args: Record<string, unknown>;
}

const corpus = join(root, 'platform/policy-engine/corpus');
const read = <T>(name: string): T => JSON.parse(readFileSync(join(corpus, name), 'utf8')) as T;
const clock = createManualClock();
const sessionId = 'sess_00000000000000000000000001';

/** Every n-th, so that a sample reaches all parts of a family. */
const sample = <T>(cases: readonly T[], most: number): T[] =>
  cases.filter((_, i) => i % Math.max(1, Math.floor(cases.length / most)) === 0);

function contentOf(
  name: string,
  capabilities: readonly Capability[],
  more: Partial<PolicyContent> = {},
): PolicyContent {
  return {
    name,
    zone: 'sandbox',
    capabilities: [...capabilities],
    llmPolicy: { allowedModels: ['*'], maxInputTokens: 1000, maxOutputTokens: 1000, maxSessionTokens: 1000 },
    approvalRules: [],
    redactionRules: [],
    mcpServers: [],
    offlineGraceSeconds: 60,
    ...more,
  };
}

/** A sample of every corpus of the policy engine, as calls of tools. */
function allFamilies(): Asked[] {
  const { policy: wide, facts } = read<{ policy: PolicyContent; facts: PolicyFacts }>('developer-policy.json');
  const programs = contentOf('Programs', wide.capabilities, { approvalRules: wide.approvalRules });
  const {
    policy: careful,
    cases,
    facts: carefulFacts,
  } = read<{
    policy?: PolicyContent;
    facts: PolicyFacts;
    cases: { command: string }[];
  }>('commands.json');
  const commands = (policy: PolicyContent, where: PolicyFacts, list: readonly { command: string }[]): Asked[] =>
    list.map(({ command }) => ({ name: command, policy, facts: where, toolName: 'RunCommand', args: { command } }));
  const paths = read<{
    capabilities: Capability[];
    machines: Record<string, PolicyFacts>;
    cases: { platform: string; path: string }[];
  }>('paths.json');
  const urls = read<{ capabilities: Capability[]; dns: PolicyFacts['dns']; cases: { url: string }[] }>('urls.json');
  return [
    ...commands(
      careful === undefined || typeof careful === 'string'
        ? programs
        : contentOf('Careful', careful.capabilities, { approvalRules: careful.approvalRules }),
      carefulFacts,
      sample(cases, 60),
    ),
    ...readdirSync(join(corpus, 'commands')).flatMap((file) =>
      commands(programs, facts, sample(read<{ cases: { command: string }[] }>(`commands/${file}`).cases, 15)),
    ),
    ...sample(paths.cases, 60).flatMap(({ platform, path }) =>
      ['ReadFile', 'WriteFile'].map((toolName) => ({
        name: `${toolName} ${platform} ${path}`,
        policy: contentOf('Paths', paths.capabilities),
        facts: paths.machines[platform]!,
        toolName,
        args: toolName === 'ReadFile' ? { path } : { path, content: 'x' },
      })),
    ),
    ...sample(urls.cases, 60).map(({ url }) => ({
      name: url,
      policy: contentOf('Hosts', urls.capabilities),
      facts: { ...facts, ...(urls.dns === undefined ? {} : { dns: urls.dns }) },
      toolName: 'HttpRequest',
      args: { method: 'GET', url },
    })),
  ];
}

interface GateAnswer {
  readonly summary: DecisionSummary;
  readonly recorded: RecordedAction;
  readonly decision?: Decision;
  readonly request?: PendingApproval;
}

/** The answer of the runtime's tool gate; nothing is run, and nobody is there to be asked. */
async function askGate({ policy, facts, toolName, args }: Asked): Promise<GateAnswer> {
  const bundle = bundleOf(
    { content: policy, state: stateOf() },
    { tenantId: 'acme', userId: 'alice', sessionId },
    clock.now(),
    3600,
  );
  let event: { decision: DecisionSummary; recorded: RecordedAction } | undefined;
  let request: PendingApproval | undefined;
  const judge = new CallJudge({
    store: {
      sessionId,
      state: { bundleJws: 'a.b.c', grants: new Map(), untrustedRead: false, secretRead: false },
      emit: (type: string, payload: never) => void (type === 'decision_recorded' && (event = payload)),
    },
    tools: {
      validate: (_name: string, given: unknown) => ({ ok: true, args: given }),
      facts: async () => facts,
      describe: async () => ({
        summary: '',
        title: '',
        subject: { kind: 'command', arguments: {} },
        undo: '',
        writes: [],
      }),
    },
    desk: {
      find: () => undefined,
      ask: async (asked: PendingApproval) => {
        request = asked;
        return { answer: 'cancelled', approvalId: asked.approvalId };
      },
    },
    clock,
    newId: (kind: string) => `${kind}_00000000000000000000000000`,
    redact: (text: string) => text,
    policy: () => ({ bundle, state: 'active' }),
  } as never);
  const context = {
    taskId: 'task_00000000000000000000000000',
    stepId: 'step_00000000000000000000000000',
    task: { startedAt: clock.now().toISOString(), options: {} },
    signal: new AbortController().signal,
    force: new AbortController().signal,
  };
  const verdict = await judge.decide({ toolCallId: 'call-1', toolName, arguments: args } as never, context as never);
  if ('ask' in verdict) await verdict.ask();
  return {
    summary: event!.decision,
    recorded: event!.recorded,
    ...('admitted' in verdict ? { decision: verdict.admitted.decision } : {}),
    ...(request === undefined ? {} : { request }),
  };
}

const stateOf = () => ({
  tenantId: 'acme',
  lastVersion: 1,
  activeVersion: 1,
  bundleVersion: 1,
  killSwitch: { active: false, updatedAt: clock.now().toISOString() },
  revision: 1,
});

describe('one decision in the runtime, in an evaluation and in a simulation', () => {
  const folder = temporaryFolder('one-decision');
  let service: ServiceCaller;
  let token: string;
  beforeAll(async () => {
    const issuer = await createTestIssuer();
    token = await issuer.tokenFor();
    service = callService(
      createApp({
        policies: new MemoryPolicyRepository(),
        initialPolicy: contentOf('None', []),
        keys: await KeyRing.open(join(folder.path, 'keys.json'), clock),
        sessions: { find: async () => ({ userId: 'alice' }) },
        bundleLifetimeSeconds: 3600,
        replayRecorded: replayInline({ read: async function* () {} }),
        after: () => () => undefined,
        clock,
        authenticate: issuer.authenticate,
        logger: silentLogger,
      }),
    );
  });

  it('is the same, whole, for a sample of every family', async () => {
    const differences: unknown[] = [];
    const seen = { allow: 0, deny: 0, require_approval: 0 };
    for (const asked of allFamilies()) {
      const gate = await askGate(asked);
      const { body: evaluated } = await service.post('/policy/evaluate', {
        token,
        body: {
          bundle: asked.policy,
          action: { toolName: asked.toolName, arguments: asked.args },
          facts: { ...asked.facts, untrustedContentRead: false, secretContentRead: false },
        },
      });
      const { explained, ...decision } = evaluated as Decision & { explained: { remedy: string } };
      const result = replayed(asked, gate, decision);
      seen[decision.decision] += 1;

      const expected = whatIsSeen(decision, explained.remedy, gate);
      const actual = { summary: gate.summary, gate: gate.decision ?? gate.request?.actionDigest, result };
      try {
        expect(actual).toEqual(expected);
      } catch {
        differences.push({ asked: asked.name, actual, expected });
      }
    }

    expect(differences).toEqual([]);
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });
});

/** What the replay of the gate's own record says after a decision that was another one then. */
function replayed(asked: Asked, { recorded }: GateAnswer, { decision }: Decision): unknown {
  const before = { decision: decision === 'deny' ? ('allow' as const) : ('deny' as const), reasonCodes: [] };
  const { changes } = simulate(
    [
      {
        count: 1,
        eventId: 'evt-1',
        at: clock.now().toISOString(),
        userId: 'alice',
        content: JSON.stringify({ decision: before, recorded }),
      },
    ],
    asked.policy,
  );
  return changes[0]?.examples[0]?.after;
}

function whatIsSeen(decision: Decision, remedy: string, gate: GateAnswer): object {
  const { decision: level, reasonCodes, ruleId, riskLevel, explanation, actionDigest } = decision;
  const rule = ruleId === undefined ? {} : { ruleId };
  const words = explanation === undefined ? {} : { explanation };
  return {
    summary: {
      decision: level,
      reasonCodes,
      ...rule,
      ...(gate.summary.ruleTitle === undefined ? {} : { ruleTitle: gate.summary.ruleTitle }),
      riskLevel,
      ...words,
      ...(level === 'allow' || remedy === '' ? {} : { remedy }),
    },
    gate: { allow: decision, require_approval: actionDigest, deny: undefined }[level],
    result: { decision: level, reasonCodes, ...rule, ...words },
  };
}
