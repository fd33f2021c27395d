import type { Log } from '@steward/agent-host';

/** Writes JSON lines to stderr; the given secrets are taken out of every line. */
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
    process.stderr.write(line + '\n');
  };
}
