import type { ChatMessage } from './chat-types.ts';
import { say } from './job.ts';
import type { AssistantTurn, DoneCall, Job } from './job.ts';
import { changeOneThing } from './jobs/change-one-thing.ts';
import { explainFile } from './jobs/explain-file.ts';
import { explainProject } from './jobs/explain-project.ts';
import { introduce } from './jobs/introduce.ts';
import { listFolder, searchText } from './jobs/look-around.ts';
import { renameFunction } from './jobs/rename-function.ts';
import { runCommand } from './jobs/run-command.ts';
import { writeModule } from './jobs/write-module.ts';
import { readProgress } from './thread.ts';

/** Id under which the demo model is offered. */
export const DEMO_MODEL_ID = 'steward-demo';

/** In order: the first job that understands the prompt does it. */
const JOBS: readonly Job[] = [
  renameFunction,
  writeModule,
  runCommand,
  changeOneThing,
  explainFile,
  listFolder,
  explainProject,
  searchText,
];

/**
 * The next turn of a conversation. Depends on the thread and the names of the offered tools alone.
 * An answer that was cut off is continued where it stopped.
 */
export function nextTurn(messages: readonly ChatMessage[], tools: ReadonlySet<string>): AssistantTurn {
  const { prompt, done, saidSoFar } = readProgress(messages);
  const turn = firstTurn(prompt, done);
  const missing = turn?.calls.find((call) => !tools.has(call.name));
  if (missing !== undefined) {
    return say(`For this I need the tool \`${missing.name}\`, which this conversation does not offer.`);
  }
  const { text, calls } = turn ?? introduce();
  const cutOff = saidSoFar !== '' && text.startsWith(saidSoFar) && text !== saidSoFar;
  return { text: cutOff ? text.slice(saidSoFar.length) : text, calls };
}

function firstTurn(prompt: string, done: readonly DoneCall[]): AssistantTurn | undefined {
  for (const job of JOBS) {
    const turn = job.next(prompt, done);
    if (turn !== undefined) return turn;
  }
  return undefined;
}
