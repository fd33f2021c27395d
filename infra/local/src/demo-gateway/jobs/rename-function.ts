import { isFailure, isTruncated, lastLines, parseMatches, readCommandOutcome, reasonOf } from '../tool-results.ts';
import { lastCall, ofPath, say, use } from '../job.ts';
import type { AssistantTurn, DoneCall, Job, WantedCall } from '../job.ts';
import { renameIdentifier, usesIdentifier } from '../rename-identifier.ts';
import { testCommandOf } from '../project.ts';

interface RenameRequest {
  readonly from: string;
  readonly to: string;
  readonly folder: string;
  readonly runTests: boolean;
}

interface FileToChange {
  readonly path: string;
  readonly read: DoneCall | undefined;
  /** Matching lines, as the search showed them. */
  readonly lines: readonly string[];
}

const IDENTIFIER = '[A-Za-z_$][\\w$]*';
const REQUEST = new RegExp(
  `\\brename\\s+(?:the\\s+|this\\s+)?(?:function\\s+|method\\s+|constant\\s+|variable\\s+|class\\s+|symbol\\s+)?[\`'"]?(${IDENTIFIER})(?:\\(\\))?[\`'"]?\\s+(?:function\\s+)?(?:to|into|as|->|=>|→)\\s+[\`'"]?(${IDENTIFIER})`,
  'i',
);
const FOLDER =
  /\b(?:in|inside|under|within|across)\s+(?:the\s+)?(?:folder\s+|directory\s+)?[`'"]?([\w.-]+(?:\/[\w.-]+)*\/?)[`'"]?/gi;
const NOT_A_FOLDER = new Set(
  'the this all every whole my our files project folder directory code codebase repo repository workspace it and then'.split(
    ' ',
  ),
);
const CODE_FILE = /\.(?:[cm]?[jt]sx?)$/i;
const MAX_FILES = 40;

/** Renames a function in every code file of a folder, then runs the project's tests. */
export const renameFunction: Job = {
  name: 'rename-function',
  next(prompt, done) {
    const request = readRequest(prompt);
    if (request === undefined) return undefined;
    return search(request, done) ?? edit(request, done) ?? verify(request, done);
  },
};

function readRequest(prompt: string): RenameRequest | undefined {
  const match = REQUEST.exec(prompt);
  if (match === null) return undefined;
  const rest = prompt.slice(match.index + match[0].length);
  const folder = [...rest.matchAll(FOLDER)]
    .map((found) => (found[1] ?? '').replace(/[./]+$/, ''))
    // A renaming that stopped at the file that declares the name would break its callers.
    .find((name) => name !== '' && !NOT_A_FOLDER.has(name.toLowerCase()) && !CODE_FILE.test(name));
  return {
    from: match[1] ?? '',
    to: match[2] ?? '',
    folder: folder ?? '.',
    runTests: !/\b(?:without|no|don't|do not|skip)\b[^.]*\btests?\b/i.test(rest),
  };
}

function search(request: RenameRequest, done: readonly DoneCall[]): AssistantTurn | undefined {
  const { from, to, folder } = request;
  const found = lastCall(done, 'SearchText');
  if (found === undefined) {
    const where = folder === '.' ? 'the folder' : `\`${folder}\``;
    return use(`I'll look for \`${from}\` in ${where}.`, {
      name: 'SearchText',
      arguments: { pattern: from, path: folder, caseSensitive: true },
    });
  }
  if (isFailure(found.result) && found.arguments['path'] !== '.') {
    return use(`I could not search \`${folder}\`, so I'll look in the whole folder.`, {
      name: 'SearchText',
      arguments: { pattern: from, path: '.', caseSensitive: true },
    });
  }
  if (isFailure(found.result))
    return say(`I could not search the folder: ${reasonOf(found.result)}. Nothing was changed.`);
  const paths = codePaths(found, from);
  if (paths.length === 0) {
    return say(`No code file here uses the name \`${from}\`, so there is nothing to rename. Nothing was changed.`);
  }
  const unread = paths.filter((path) => lastCall(done, 'ReadFile', ofPath(path)) === undefined);
  if (unread.length > 0) {
    const reads = [...unread, ...(lastCall(done, 'ReadFile', ofPath('package.json')) ? [] : ['package.json'])];
    return use(
      `\`${from}\` appears in ${count(paths.length, 'file')}. I'll read ${paths.length === 1 ? 'it' : 'them'} before changing anything.`,
      ...reads.map((path): WantedCall => ({ name: 'ReadFile', arguments: { path } })),
    );
  }
  const taken = filesOf(request, done).filter(
    ({ read }) => read !== undefined && usesIdentifier(read.result, to) && usesIdentifier(read.result, from),
  );
  if (taken.length > 0) {
    return say(
      `\`${taken[0]?.path}\` already uses the name \`${to}\`, so renaming \`${from}\` to it would join two different things. ` +
        'Choose another name. Nothing was changed.',
    );
  }
  return undefined;
}

function edit(request: RenameRequest, done: readonly DoneCall[]): AssistantTurn | undefined {
  const wanted = filesOf(request, done)
    .filter((file) => changeOf(file.path, done) === undefined)
    .flatMap((file) => editsFor(request, file));
  if (wanted.length === 0) return undefined;
  return use(
    `I'll rename \`${request.from}\` to \`${request.to}\` in ${count(new Set(wanted.map((call) => call.arguments['path'])).size, 'file')}.`,
    ...wanted,
  );
}

function verify(request: RenameRequest, done: readonly DoneCall[]): AssistantTurn {
  const { from, to } = request;
  const files = filesOf(request, done);
  const changed = files.filter((file) => succeeded(changeOf(file.path, done)));
  const refused = files.filter((file) => changeOf(file.path, done) !== undefined && !changed.includes(file));
  const unreadable = files.filter(({ read }) => read !== undefined && isFailure(read.result));
  if (changed.length === 0 && refused.length === 0 && unreadable.length === 0) {
    return say(`The name \`${from}\` appears here only inside text or as part of other objects. Nothing was changed.`);
  }
  if (changed.length === 0 && refused.length === 0 && unreadable.length > 0) {
    return say(
      `I could not read ${list(unreadable)}: ${reasonOf(unreadable[0]?.read?.result ?? '')}. Nothing was changed.`,
    );
  }
  if (refused.length > 0) return say(refusedSummary(request, changed, refused, done));

  const leftAlone = files.reduce(
    (sum, { read }) => sum + (read === undefined ? 0 : renameIdentifier(read.result, from, to).leftAlone),
    0,
  );
  const summary = [
    `I renamed \`${from}\` to \`${to}\` in ${count(changed.length, 'file')}: ${list(changed)}.`,
    ...(unreadable.length > 0 ? [`I could not read ${list(unreadable)}, so the name may remain there.`] : []),
    ...(isTruncated(lastCall(done, 'SearchText')?.result ?? '')
      ? ['The search was cut short, so the name may remain elsewhere; ask me again to go on.']
      : []),
    ...(leftAlone > 0 ? [`${count(leftAlone, 'place')} with the same name belong to other objects and stay.`] : []),
  ].join(' ');
  const command = request.runTests ? testCommand(done, files) : undefined;
  if (command === undefined) {
    return say(request.runTests ? `${summary}\n\nThe project has no test command, so nothing was run.` : summary);
  }
  const run = lastCall(done, 'RunCommand');
  if (run === undefined) {
    return use(`${summary} Now I'll run the tests.`, { name: 'RunCommand', arguments: { command } });
  }
  return say(`${summary}\n\n${testReport(command, run)}`);
}

function testReport(command: string, run: DoneCall): string {
  const outcome = readCommandOutcome(run.result);
  if (outcome.exitCode === 0) return `\`${command}\` passes.`;
  if (outcome.exitCode === undefined) {
    return `\`${command}\` ${outcome.without}: ${reasonOf(run.result)}. The renaming stands, but it is not verified by the tests.`;
  }
  return `\`${command}\` failed (exit code ${outcome.exitCode}). The end of its output:\n\n\`\`\`\n${lastLines(outcome.output, 12)}\n\`\`\`\n\nThe renaming stands; you can revert it in the patch view.`;
}

function refusedSummary(
  request: RenameRequest,
  changed: readonly FileToChange[],
  refused: readonly FileToChange[],
  done: readonly DoneCall[],
): string {
  const reasons = refused.map((file) => `- \`${file.path}\`: ${reasonOf(changeOf(file.path, done)?.result ?? '')}`);
  const state =
    changed.length === 0
      ? 'Nothing was changed.'
      : `Already changed: ${list(changed)}. The code is half renamed now; revert these files or let me finish the others.`;
  return `I could not rename \`${request.from}\` everywhere:\n\n${reasons.join('\n')}\n\n${state} I did not run the tests.`;
}

function editsFor({ from, to }: RenameRequest, file: FileToChange): WantedCall[] {
  if (file.read === undefined || isFailure(file.read.result)) return [];
  if (isTruncated(file.read.result)) {
    // The whole content is not known, so each line is replaced alone; the tool refuses a line that is not unique.
    return [...new Set(file.lines)].flatMap((line) => {
      const { content, changes } = renameIdentifier(line, from, to);
      return changes === 0
        ? []
        : [{ name: 'EditFile', arguments: { path: file.path, oldText: line, newText: content } }];
    });
  }
  const before = file.read.result;
  const { content, changes } = renameIdentifier(before, from, to);
  if (changes === 0) return [];
  const single = changes === 1 ? changedLine(before, content) : undefined;
  return [
    single === undefined
      ? { name: 'WriteFile', arguments: { path: file.path, content } }
      : { name: 'EditFile', arguments: { path: file.path, ...single } },
  ];
}

/** The one line that differs, when its text occurs exactly once. */
function changedLine(before: string, after: string): { oldText: string; newText: string } | undefined {
  const oldLines = before.split('\n');
  const newLines = after.split('\n');
  const index = oldLines.findIndex((line, at) => line !== newLines[at]);
  const oldText = oldLines[index];
  const newText = newLines[index];
  if (oldText === undefined || newText === undefined || before.split(oldText).length !== 2) return undefined;
  return { oldText, newText };
}

function filesOf(request: RenameRequest, done: readonly DoneCall[]): FileToChange[] {
  const found = lastCall(done, 'SearchText');
  if (found === undefined) return [];
  const matches = parseMatches(found.result);
  return codePaths(found, request.from).map((path) => ({
    path,
    read: lastCall(done, 'ReadFile', ofPath(path)),
    lines: matches.filter((match) => match.path === path).map((match) => match.text),
  }));
}

function codePaths(found: DoneCall, from: string): string[] {
  const matches = parseMatches(found.result).filter(
    ({ path, text }) => CODE_FILE.test(path) && usesIdentifier(text, from),
  );
  return [...new Set(matches.map((match) => match.path))].slice(0, MAX_FILES);
}

function changeOf(path: string, done: readonly DoneCall[]): DoneCall | undefined {
  const changes = done.filter((call) => /^(?:EditFile|WriteFile)$/.test(call.name) && ofPath(path)(call));
  return changes.find((call) => isFailure(call.result)) ?? changes.at(-1);
}

function succeeded(call: DoneCall | undefined): boolean {
  return call !== undefined && !isFailure(call.result);
}

function testCommand(done: readonly DoneCall[], files: readonly FileToChange[]): string | undefined {
  const manifest = lastCall(done, 'ReadFile', ofPath('package.json'));
  return testCommandOf(
    manifest === undefined || isFailure(manifest.result) ? undefined : manifest.result,
    files.map((file) => file.path),
  );
}

function list(files: readonly FileToChange[]): string {
  return files.map((file) => `\`${file.path}\``).join(', ');
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
