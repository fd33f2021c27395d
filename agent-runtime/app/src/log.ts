import type { Log } from '@steward/agent-host';
import { logLines } from '@steward/sdk';
import { findSecrets, replaceFound } from '@steward/secrets';

const write = logLines(process.stderr);

/** Writes JSON lines to stderr; the given secrets, and everything that looks like one, are taken out of every line. */
export function createLog(secrets: () => readonly string[]): Log {
  return (level, message, facts = {}) => {
    let line = JSON.stringify({
      time: new Date().toISOString(),
      level,
      component: 'LocalAgentHost',
      message,
      ...facts,
    });
    for (const secret of secrets()) if (secret.length >= 8) line = line.replaceAll(secret, '[redacted]');
    line = replaceFound(line, findSecrets(line));
    write(line);
  };
}
