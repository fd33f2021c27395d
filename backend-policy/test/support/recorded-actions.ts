import type { RecordedDecision } from '../../src/simulations/replay.ts';

/** A command as a runtime of a Linux machine records its decision. */
export function recordedCommand(
  number: number,
  command: string,
  decision: RecordedDecision['decision']['decision'],
): RecordedDecision {
  return {
    eventId: `evt_${String(number).padStart(26, '0')}`,
    at: new Date(Date.parse('2026-02-20T00:00:00.000Z') + number * 1000).toISOString(),
    userId: 'alice',
    sessionId: `sess_${'1'.padStart(26, '0')}`,
    decision: { decision, reasonCodes: ['ALLOWED_BY_CAPABILITY'] },
    recorded: {
      schemaVersion: 1,
      toolName: 'RunCommand',
      replayable: true,
      arguments: { command },
      facts: { platform: 'linux', cwd: '/home/alice/shop', workspaceDir: '/home/alice/shop', homeDir: '/home/alice' },
    },
  };
}
