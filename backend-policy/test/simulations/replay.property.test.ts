import { beforeAll, describe, expect, it } from '@jest/globals';
import type { PolicyContent, SimulationChange, SimulationResult } from '@steward/contracts';
import { decide, preloadCommandParser } from '@steward/policy-engine';
import fc from 'fast-check';
import type { ActionBatch, RecordedGroup } from '../../src/simulations/action-source.ts';
import { handOut } from '../../src/simulations/hand-out.ts';
import { Replay } from '../../src/simulations/replay.ts';
import { resultOf } from '../../src/simulations/replay-part.ts';
import { simulate } from '../../src/simulations/replay.ts';
import { careful } from '../support/policy-world.ts';
import { commandContent, recordedDecision } from '../support/recorded-actions.ts';

beforeAll(() => preloadCommandParser());

const strict: PolicyContent = {
  ...careful,
  approvalRules: [
    ...careful.approvalRules,
    { ruleId: 'no-git', title: 'No git', capability: 'Shell.Exec', match: { commands: ['git'] }, decision: 'deny' },
  ],
};

interface Action {
  readonly command: string;
  readonly decided: 'allow' | 'deny' | 'require_approval';
  readonly userId: string;
  readonly second: number;
}

const actions = fc.array(
  fc.record({
    command: fc.constantFrom('git status', 'git log', 'git diff', 'ls', 'npm install', 'rm -rf /', 'cat .env'),
    decided: fc.constantFrom('allow', 'deny', 'require_approval'),
    userId: fc.constantFrom('alice', 'bob'),
    // Several in one second, so that ids have to tell which is newer.
    second: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 60 },
);

const recordedOf = ({ command, decided, userId, second }: Action, index: number): RecordedGroup => ({
  ...recordedDecision(second, commandContent(command, decided), userId),
  eventId: `evt_${String(index).padStart(26, '0')}`,
});

/** The loop that simulations are measured by: one action after the other, newest first, each decided for itself. */
function naively(list: readonly RecordedGroup[], policy: PolicyContent, examplesPerChange: number): SimulationResult {
  const { name, ...statement } = policy;
  const result = { recorded: 0, replayed: 0, unchanged: 0, changed: 0, notReplayable: 0, notReplayableReasons: [] };
  const changes = new Map<string, SimulationChange>();
  const newestFirst = [...list].sort((a, b) => (`${a.at}${a.eventId}` < `${b.at}${b.eventId}` ? 1 : -1));
  for (const { content, eventId, at, userId, sessionId } of newestFirst) {
    const { decision: before, recorded } = JSON.parse(content) as ReturnType<typeof commandContent>;
    const bundle = { ...statement, policyName: name, killSwitch: false } as never;
    const decision = decide(bundle, { toolName: recorded.toolName, arguments: recorded.arguments }, recorded.facts);
    result.recorded += 1;
    result.replayed += 1;
    if (decision.decision === before.decision) result.unchanged += 1;
    if (decision.decision === before.decision) continue;
    result.changed += 1;
    const { reasonCodes, ruleId, explanation, normalizedAction } = decision;
    const { capability } = normalizedAction;
    const rule = ruleId === undefined ? {} : { ruleId };
    const kind = { from: before.decision, to: decision.decision, capability, ...rule, reasonCode: reasonCodes[0]! };
    const key = JSON.stringify(kind);
    const change = changes.get(key) ?? { ...kind, count: 0, examples: [] };
    changes.set(key, change);
    change.count += 1;
    const text = recorded.arguments.command;
    if (change.examples.length >= examplesPerChange || change.examples.some(({ action }) => action.text === text))
      continue;
    const after = { decision: decision.decision, reasonCodes, ...rule, explanation: explanation! };
    change.examples.push({
      eventId,
      at,
      userId,
      sessionId: sessionId!,
      action: { toolName: recorded.toolName, text },
      before,
      after,
    });
  }
  return { ...result, changes: [...changes.values()] };
}

/** Equal contents next to each other in some order, counted together as the Audit Service does within a page. */
function grouped(list: readonly RecordedGroup[], pageSize: number): RecordedGroup[] {
  const pages: RecordedGroup[] = [];
  for (let start = 0; start < list.length; start += pageSize) {
    const groups = new Map<string, RecordedGroup>();
    for (const item of list.slice(start, start + pageSize)) {
      const known = groups.get(item.content);
      const newest = known === undefined || `${item.at}${item.eventId}` > `${known.at}${known.eventId}` ? item : known;
      groups.set(item.content, { ...newest, count: (known?.count ?? 0) + 1 });
    }
    pages.push(...groups.values());
  }
  return pages;
}

const inOrder = (result: SimulationResult): SimulationResult => ({
  ...result,
  changes: [...result.changes].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
});

describe('a simulation of grouped actions in any order', () => {
  it('counts and shows exactly what one loop over all of them finds', () => {
    fc.assert(
      fc.property(
        actions.chain((list) =>
          fc.tuple(
            fc.constant(list.map(recordedOf)),
            fc.shuffledSubarray(list.map(recordedOf), { minLength: list.length }),
            fc.integer({ min: 1, max: 20 }),
            fc.integer({ min: 0, max: 4 }),
          ),
        ),
        ([list, shuffled, pageSize, examplesPerChange]) => {
          const expected = naively(list, strict, examplesPerChange);

          const result = simulate(grouped(shuffled, pageSize), strict, { examplesPerChange });

          expect(inOrder(result)).toEqual(inOrder(expected));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('counts and shows the same however many share the work, and whoever of them is slower', async () => {
    await fc.assert(
      fc.asyncProperty(
        actions.map((list) => list.map(recordedOf)),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        fc.scheduler(),
        async (list, pageSize, examplesPerChange, sharing, scheduler) => {
          const expected = naively(list, strict, examplesPerChange);
          const replays = Array.from({ length: sharing }, () => new Replay(strict, { examplesPerChange }));
          const batches = async function* (): AsyncGenerator<ActionBatch> {
            for (let start = 0; start < list.length; start += pageSize)
              yield { items: grouped(list.slice(start, start + pageSize), pageSize) };
          };
          const lanes = replays.map((replay) => async (groups: readonly RecordedGroup[]) => {
            await scheduler.schedule(Promise.resolve());
            for (const group of groups) replay.add(group);
          });
          const told: number[] = [];

          const handedOut = handOut(batches(), lanes, ({ read = 0 }) => told.push(read));
          await scheduler.waitFor(handedOut);
          const parts = replays.map((replay) => replay.part());
          const result = resultOf(parts, { examplesPerChange });
          const backwards = resultOf([...parts].reverse(), { examplesPerChange });

          expect(inOrder(result)).toEqual(inOrder(expected));
          expect(backwards).toEqual(result);
          expect(told).toEqual([...told].sort((a, b) => a - b));
          expect(told.at(-1) ?? 0).toBe(list.length);
        },
      ),
      { numRuns: 100 },
    );
  });
});
