import type { RecordedAction, SimulatedDecision } from '@steward/contracts';
import type { RecordedGroup } from '../../src/simulations/action-source.ts';

/** What was decided, and what from, before it is written as the content of an event. */
export interface RecordedContent {
  readonly decision: SimulatedDecision;
  readonly recorded?: RecordedAction;
}

/** One decision as the Audit Service gives it out; numbers grow with time. */
export function recordedDecision(number: number, content: RecordedContent, userId = 'alice'): RecordedGroup {
  return {
    count: 1,
    eventId: `evt_${String(number).padStart(26, '0')}`,
    at: new Date(Date.parse('2026-02-20T00:00:00.000Z') + number * 1000).toISOString(),
    userId,
    sessionId: `sess_${'1'.padStart(26, '0')}`,
    content: JSON.stringify(content),
  };
}

/** What a runtime of a Linux machine records of a command. */
export function commandContent(command: string, decision: SimulatedDecision['decision']) {
  return {
    decision: { decision, reasonCodes: ['ALLOWED_BY_CAPABILITY'] },
    recorded: {
      schemaVersion: 1 as const,
      toolName: 'RunCommand',
      replayable: true,
      arguments: { command },
      facts: {
        platform: 'linux' as const,
        cwd: '/home/alice/shop',
        workspaceDir: '/home/alice/shop',
        homeDir: '/home/alice',
      },
    },
  };
}

/** A command whose decision was recorded. */
export function recordedCommand(
  number: number,
  command: string,
  decision: SimulatedDecision['decision'],
  userId = 'alice',
): RecordedGroup {
  return recordedDecision(number, commandContent(command, decision), userId);
}
