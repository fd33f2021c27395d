import { lastCall, say, use } from '../job.ts';
import type { Job, WantedCall } from '../job.ts';
import { isFailure, lastLines, reasonOf } from '../tool-results.ts';

const PATH = '[`\'"]?([\\w@.-]+(?:[\\\\/][\\w@.-]+)*\\.\\w+)[`\'"]?';
const DELETE = new RegExp(`\\b(?:delete|remove)\\s+(?:the\\s+)?(?:file\\s+)?${PATH}`, 'i');
const WRITE = new RegExp(
  `\\b(?:write|put|save)\\s+(?:the\\s+text\\s+)?["“']([^"”]*)["”']\\s+(?:to|into|in)\\s+(?:the\\s+|a\\s+)?(?:file\\s+)?${PATH}`,
  'i',
);
const CREATE = new RegExp(
  `\\bcreate\\s+(?:a\\s+|the\\s+)?(?:new\\s+)?file\\s+${PATH}\\s+(?:with|containing|saying)\\s+(?:the\\s+text\\s+)?["“']?([^"”]*?)["”']?$`,
  'i',
);
const FETCH = /\b(?:fetch|get|download|request|open)\s+[`'"<]?(https?:\/\/[^\s`'">]+)/i;

interface SingleAction {
  readonly call: WantedCall;
  readonly intent: string;
  readonly success: string;
}

/** One file written or deleted, or one address fetched: the shortest way to see an approval. */
export const changeOneThing: Job = {
  name: 'change-one-thing',
  next(prompt, done) {
    const action = actionOf(prompt.trim());
    if (action === undefined) return undefined;
    const finished = lastCall(done, action.call.name);
    if (finished === undefined) return use(action.intent, action.call);
    if (isFailure(finished.result)) return say(`That did not happen: ${reasonOf(finished.result)}.`);
    if (action.call.name !== 'HttpRequest') return say(action.success);
    return say(`${action.success}\n\n\`\`\`\n${lastLines(finished.result, 12)}\n\`\`\``);
  },
};

function actionOf(prompt: string): SingleAction | undefined {
  const url = FETCH.exec(prompt)?.[1];
  if (url !== undefined) {
    return {
      call: { name: 'HttpRequest', arguments: { method: 'GET', url } },
      intent: `I'll fetch ${url}.`,
      success: `I fetched ${url}. The end of the answer:`,
    };
  }
  const deleted = DELETE.exec(prompt)?.[1];
  if (deleted !== undefined) {
    return {
      call: { name: 'DeleteFile', arguments: { path: deleted } },
      intent: `I'll delete \`${deleted}\`.`,
      success: `I deleted \`${deleted}\`. You can bring it back in the patch view.`,
    };
  }
  const written = WRITE.exec(prompt);
  const created = written === null ? CREATE.exec(prompt) : null;
  const path = written?.[2] ?? created?.[1];
  const text = written?.[1] ?? created?.[2];
  if (path === undefined || text === undefined) return undefined;
  return {
    call: { name: 'WriteFile', arguments: { path, content: `${text}\n` } },
    intent: `I'll write \`${path}\`.`,
    success: `I wrote \`${path}\`.`,
  };
}
