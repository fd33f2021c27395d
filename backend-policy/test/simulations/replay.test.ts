import { beforeAll, describe, expect, it } from '@jest/globals';
import type { PolicyContent } from '@steward/contracts';
import { preloadCommandParser } from '@steward/policy-engine';
import { readContent } from '../../src/simulations/recorded-content.ts';
import { simulate } from '../../src/simulations/replay.ts';
import { careful } from '../support/policy-world.ts';
import { commandContent, recordedCommand, recordedDecision } from '../support/recorded-actions.ts';

beforeAll(() => preloadCommandParser());

const noGit: PolicyContent = {
  ...careful,
  approvalRules: [
    ...careful.approvalRules,
    { ruleId: 'no-git', title: 'No git', capability: 'Shell.Exec', match: { commands: ['git'] }, decision: 'deny' },
  ],
};

describe('a simulation', () => {
  it('counts what would be decided otherwise, by capability and rule, with the newest examples', () => {
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
      [actions[2]!.eventId, 'git log'],
      [actions[1]!.eventId, 'git status'],
    ]);
    expect(result.changes[0]!.examples[0]!.after.explanation).toContain('rule "No git"');
  });

  it('finds nothing changed when the policy is the one that decided', () => {
    const commands = ['git status', 'npm test', 'curl https://example.com', 'rm -rf /', 'cat .env'];
    const first = commands.map((command, index) => recordedCommand(index, command, 'allow'));
    const asDecided = simulate(first, careful, { examplesPerChange: 20 });
    const corrected = commands.map((command, index) => {
      const change = asDecided.changes.find(({ examples }) =>
        examples.some((example) => example.action.text === command),
      );
      return recordedCommand(index, command, change?.to ?? 'allow');
    });

    expect(simulate(corrected, careful)).toMatchObject({ changed: 0, replayed: commands.length });
  });

  it('counts what can’t be replayed exactly instead of guessing, and says why', () => {
    const { decision } = commandContent('git status', 'allow');
    const old = recordedDecision(1, { decision });
    const reason = 'It held a secret, which is not kept.';
    const cut = recordedDecision(2, {
      decision,
      recorded: { schemaVersion: 1, toolName: 'RunCommand', replayable: false, reason },
    });
    const stopped = recordedDecision(3, {
      ...commandContent('git push', 'deny'),
      decision: { decision: 'deny', reasonCodes: ['KILL_SWITCH_ACTIVE'] },
    });

    const result = simulate([old, cut, stopped], noGit);

    expect(result).toMatchObject({ recorded: 3, replayed: 0, changed: 0, notReplayable: 3, changes: [] });
    expect(result.notReplayableReasons.map(({ reason }) => reason).sort()).toEqual([
      'It held a secret, which is not kept.',
      'It was decided by the kill switch.',
      'What it was decided from was not recorded.',
    ]);
  });

  it('judges content by the size that was recorded', () => {
    const { decision, recorded } = commandContent('', 'allow');
    const write = (bytes: number) =>
      recordedDecision(bytes, {
        decision,
        recorded: {
          ...recorded,
          toolName: 'WriteFile',
          arguments: { path: '/home/alice/shop/a.txt' },
          sizes: { content: bytes },
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
    const actions = [recordedCommand(1, 'git status', 'allow'), recordedCommand(2, 'git log', 'allow', 'bob')];

    expect(simulate(actions, noGit, { userId: 'bob' })).toMatchObject({ recorded: 1, changed: 1 });
    expect(simulate(actions, noGit, { capabilities: ['File.Read'] })).toMatchObject({ recorded: 0, changed: 0 });
  });
});

describe('a recorded content', () => {
  it('of a later format, or of no decision, is not taken for one that is understood', () => {
    const content = {
      decision: { decision: 'allow', reasonCodes: [] },
      recorded: { schemaVersion: 2, replayable: true },
    };

    expect(readContent(JSON.stringify(content))).not.toHaveProperty('recorded');
    for (const text of ['{}', 'null', '7', '{"decision":null}', '{"decision":{"decision":"perhaps"}}', '{'])
      expect(readContent(text)).toBeUndefined();
  });
});
