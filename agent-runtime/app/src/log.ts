import type { Log } from '@steward/agent-host';
import { findSecrets, replaceFound } from '@steward/secrets';

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
    process.stderr.write(line + '\n');
  };
}
