import { beforeAll, describe, expect, it } from '@jest/globals';
import type { PolicyContent } from '@steward/contracts';
import { preloadCommandParser } from '@steward/policy-engine';
import { decisionOf } from '../../src/simulations/action-source.ts';
import { simulate } from '../../src/simulations/replay.ts';
import type { RecordedDecision } from '../../src/simulations/replay.ts';
import { careful } from '../support/policy-world.ts';
import { recordedCommand } from '../support/recorded-actions.ts';

beforeAll(() => preloadCommandParser());

const noGit: PolicyContent = {
  ...careful,
  approvalRules: [
    ...careful.approvalRules,
    { ruleId: 'no-git', title: 'No git', capability: 'Shell.Exec', match: { commands: ['git'] }, decision: 'deny' },
  ],
};

describe('a simulation', () => {
  it('counts what would be decided otherwise, by capability and rule, with examples', () => {
    const actions = [
      recordedCommand(1, 'git status', 'allow'),
      recordedCommand(2, 'git status', 'allow'),
      recordedCommand(3, 'git log', 'allow'),
      recordedCommand(4, 'ls', 'allow'),
    ];

    const result = simulate(actions, noGit);

    expect(result).toMatchObject({ recorded: 4, replayed: 4, unchanged: 1, changed: 3, notReplayable: 0 });
    expect(result.changes).toHaveLength(1);
    expect(result.changes[0]).toMatchObject({
      from: 'allow',
      to: 'deny',
      capability: 'Shell.Exec',
      ruleId: 'no-git',
      reasonCode: 'DENIED_BY_RULE',
      count: 3,
    });
    expect(result.changes[0]!.examples.map(({ eventId, action }) => [eventId, action.text])).toEqual([
      [actions[0]!.eventId, 'git status'],
      [actions[2]!.eventId, 'git log'],
    ]);
    expect(result.changes[0]!.examples[0]!.after.explanation).toContain('rule "No git"');
  });

  it('finds nothing changed when the policy is the one that decided', () => {
    const commands = ['git status', 'npm test', 'curl https://example.com', 'rm -rf /', 'cat .env'];
    const first = commands.map((command, index) => recordedCommand(index, command, 'allow'));
    const asDecided = simulate(first, careful, { examplesPerChange: 20 });
    const corrected = first.map((action): RecordedDecision => {
      const text = (action.recorded!.arguments as { command: string }).command;
      const change = asDecided.changes.find(({ examples }) => examples.some((example) => example.action.text === text));
      return change === undefined ? action : { ...action, decision: { decision: change.to, reasonCodes: [] } };
    });

    expect(simulate(corrected, careful)).toMatchObject({ changed: 0, replayed: commands.length });
  });

  it('counts what can’t be replayed exactly instead of guessing, and says why', () => {
    const { recorded: _recorded, ...old } = recordedCommand(1, 'git status', 'allow');
    const secret = recordedCommand(2, 'git status', 'allow');
    const cut = {
      ...secret,
      recorded: {
        schemaVersion: 1 as const,
        toolName: 'RunCommand',
        replayable: false,
        reason: 'It held a secret, which is not kept.',
      },
    };
    const stopped = {
      ...recordedCommand(3, 'git push', 'deny'),
      decision: { decision: 'deny' as const, reasonCodes: ['KILL_SWITCH_ACTIVE'] },
    };

    const result = simulate([old, cut, stopped], noGit);

    expect(result).toMatchObject({ recorded: 3, replayed: 0, changed: 0, notReplayable: 3, changes: [] });
    expect(result.notReplayableReasons.map(({ reason }) => reason).sort()).toEqual([
      'It held a secret, which is not kept.',
      'It was decided by the kill switch.',
      'What it was decided from was not recorded.',
    ]);
  });

  it('judges content by the size that was recorded', () => {
    const write = (bytes: number): RecordedDecision => ({
      ...recordedCommand(bytes, '', 'allow'),
      recorded: {
        schemaVersion: 1,
        toolName: 'WriteFile',
        replayable: true,
        arguments: { path: '/home/alice/shop/a.txt' },
        sizes: { content: bytes },
        facts: recordedCommand(1, '', 'allow').recorded!.facts!,
      },
    });
    const small: PolicyContent = {
      ...careful,
      capabilities: careful.capabilities.map((entry) =>
        entry.name === 'File.Write' ? { ...entry, maxFileSizeBytes: 100 } : entry,
      ),
    };

    const result = simulate([write(100), write(101)], small);

    expect(result.changes.map(({ count, reasonCode }) => [count, reasonCode])).toEqual([[1, 'FILE_TOO_LARGE']]);
  });

  it('looks only at what the filters name', () => {
    const actions = [
      recordedCommand(1, 'git status', 'allow'),
      { ...recordedCommand(2, 'git log', 'allow'), userId: 'bob' },
    ];

    expect(simulate(actions, noGit, { userId: 'bob' })).toMatchObject({ recorded: 1, changed: 1 });
    expect(simulate(actions, noGit, { capabilities: ['File.Read'] })).toMatchObject({ recorded: 0, changed: 0 });
  });
});

describe('a recorded event', () => {
  it('of a later format, or of no decision, is not taken for one that is understood', () => {
    const event = {
      eventId: 'evt_1',
      timestamp: '2026-01-01T00:00:00.000Z',
      userId: 'alice',
      payload: { decision: { decision: 'allow', reasonCodes: [] }, recorded: { schemaVersion: 2, replayable: true } },
    } as never;

    expect(decisionOf(event)).not.toHaveProperty('recorded');
    expect(decisionOf({ eventId: 'evt_1', timestamp: '', userId: 'a', payload: {} } as never)).toBeUndefined();
  });
});
