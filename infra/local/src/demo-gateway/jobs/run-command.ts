import { lastCall, say, use } from '../job.ts';
import type { Job } from '../job.ts';
import { lastLines, readCommandOutcome, reasonOf } from '../tool-results.ts';

const QUOTED = /\b(?:run|execute)\b[^`"\n]*(?:`([^`\n]+)`|"([^"\n]+)")/i;
const PLAIN =
  /^(?:please\s+|can you\s+|could you\s+|now\s+)*(?:run|execute)\s+(?:the\s+command\s+)?(.+?)(?:,?\s+(?:and|then)\s+(?:tell|show|report|explain|say|then)\b.*|\s+please)?[?!]?$/i;

/** Runs one command and reports how it ended. */
export const runCommand: Job = {
  name: 'run-command',
  next(prompt, done) {
    const command = commandOf(prompt);
    if (command === undefined) return undefined;
    const run = lastCall(done, 'RunCommand');
    if (run === undefined) return use(`I'll run \`${command}\`.`, { name: 'RunCommand', arguments: { command } });
    const outcome = readCommandOutcome(run.result);
    if (outcome.exitCode === undefined) return say(`\`${command}\` ${outcome.without}: ${reasonOf(run.result)}.`);
    const verdict = outcome.exitCode === 0 ? 'finished' : `failed with exit code ${outcome.exitCode}`;
    const end = lastLines(outcome.output, 20);
    return say(`\`${command}\` ${verdict}.${end === '' ? '' : ` The end of its output:\n\n\`\`\`\n${end}\n\`\`\``}`);
  },
};

function commandOf(prompt: string): string | undefined {
  const quoted = QUOTED.exec(prompt);
  const command = quoted?.[1] ?? quoted?.[2] ?? PLAIN.exec(prompt.trim())?.[1];
  if (command === undefined) return undefined;
  return /^(?:the\s+|all\s+)*tests?\.?$/i.test(command) ? 'npm test' : command.replace(/\.$/, '');
}
