import { lastCall, ofPath, say, use } from '../job.ts';
import type { AssistantTurn, DoneCall, Job } from '../job.ts';
import { MODULE_RECIPES } from '../module-recipes.ts';
import { renderModule } from '../render-module.ts';
import type { ModuleFiles } from '../render-module.ts';
import { testCommandOf } from '../project.ts';
import { isFailure, lastLines, parsePaths, readCommandOutcome, reasonOf } from '../tool-results.ts';

const REQUEST =
  /\b(?:write|add|create|make|implement|build)\s+(?:me\s+)?(?:an?\s+|the\s+)?(?:new\s+|small\s+|little\s+)*(?:module|function|helper|utility|util)\s+(?:called\s+|named\s+|for\s+)?[`'"]?([A-Za-z_$][\w$-]*)/i;
const REQUEST_REVERSED =
  /\b(?:write|add|create|make|implement)\s+(?:an?\s+|the\s+)?(?:new\s+)?[`'"]?([A-Za-z_$][\w$-]*)[`'"]?\s+(?:module|function|helper|utility)\b/i;

/** Writes one of a few known modules with a test in the project's own style, and runs the tests. */
export const writeModule: Job = {
  name: 'write-module',
  next(prompt, done) {
    const asked = (REQUEST.exec(prompt) ?? REQUEST_REVERSED.exec(prompt))?.[1];
    if (asked === undefined) return undefined;
    const recipe = MODULE_RECIPES.find((known) => normalise(known.name) === normalise(asked));
    if (recipe === undefined) {
      const names = MODULE_RECIPES.map((known) => `\`${known.name}\``).join(', ');
      return say(
        `I am a demo model and know only a few modules by heart: ${names}. Ask me for one of these, or connect a real model for \`${asked}\`.`,
      );
    }
    const paths = lastCall(done, 'FindFiles');
    const manifest = lastCall(done, 'ReadFile', ofPath('package.json'));
    if (paths === undefined || manifest === undefined) {
      return use(
        "I'll look at how this project is laid out.",
        { name: 'FindFiles', arguments: { pattern: '**/*' } },
        { name: 'ReadFile', arguments: { path: 'package.json' } },
      );
    }
    if (isFailure(paths.result))
      return say(`I could not look into the folder: ${reasonOf(paths.result)}. Nothing was written.`);
    const known = parsePaths(paths.result);
    const manifestText = isFailure(manifest.result) ? undefined : manifest.result;
    return writeAndTest(renderModule(recipe, known, manifestText), known, manifestText, done);
  },
};

function writeAndTest(
  files: ModuleFiles,
  known: readonly string[],
  manifestText: string | undefined,
  done: readonly DoneCall[],
): AssistantTurn {
  const wanted = [files.module, files.test];
  const writes = wanted.map((file) => lastCall(done, 'WriteFile', ofPath(file.path)));
  if (writes.every((write) => write === undefined)) {
    const existing = wanted.find((file) => known.includes(file.path));
    if (existing !== undefined) {
      return say(
        `\`${existing.path}\` exists already, and I don't overwrite work I did not write. Nothing was changed.`,
      );
    }
    return use(
      `I'll write \`${files.module.path}\` and \`${files.test.path}\`.`,
      ...wanted.map((file) => ({ name: 'WriteFile', arguments: { ...file } })),
    );
  }
  const refused = writes.find((write) => write === undefined || isFailure(write.result));
  if (refused !== undefined) {
    return say(
      `I could not write \`${String(refused.arguments['path'])}\`: ${reasonOf(refused.result)}. I did not run the tests.`,
    );
  }
  const run = lastCall(done, 'RunCommand');
  const command = testCommandOf(manifestText, known) ?? `node --test ${files.test.path}`;
  const summary = `I wrote \`${files.module.path}\` (${files.summary}) and its test \`${files.test.path}\`.`;
  if (run === undefined)
    return use(`${summary} Now I'll run the tests.`, { name: 'RunCommand', arguments: { command } });
  return say(`${summary}\n\n${report(command, run)}`);
}

function report(command: string, run: DoneCall): string {
  const outcome = readCommandOutcome(run.result);
  if (outcome.exitCode === 0) return `\`${command}\` passes.`;
  if (outcome.exitCode === undefined)
    return `\`${command}\` ${outcome.without}: ${reasonOf(run.result)}. The files are written but not tested.`;
  return `\`${command}\` failed (exit code ${outcome.exitCode}). The end of its output:\n\n\`\`\`\n${lastLines(outcome.output, 12)}\n\`\`\``;
}

function normalise(name: string): string {
  return name.replace(/[-_]/g, '').toLowerCase();
}
