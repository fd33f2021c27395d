import { lstatSync } from 'node:fs';
import { redactionMarkers } from '@steward/secrets';
import { StewardError } from '@steward/sdk';
import type { ToolDescription } from '@steward/tool-port';
import type { Tool, ToolCall, ToolContext, ToolOutput } from './tool.ts';
import { textArg } from './tool.ts';
import { pathBase } from './read-file.ts';
import { removeFile, writeAtomically } from '../files/atomic-write.ts';
import { applyEdit, assertUnchanged, encodeReplacement, everywhere, preImageOf } from '../files/change.ts';
import { hashOf } from '../files/content-store.ts';
import { readBounded, tooLarge } from '../files/read-bounded.ts';
import { absolutePath, displayPath, isInside, realPathOf } from '../files/resolve.ts';
import { classify, sizeInWords } from '../files/text.ts';
import { unifiedDiff, type FileDiff } from '../files/unified-diff.ts';
import { systemCodeOf } from '../problem.ts';

const undoable = 'The change can be reverted from the patch until the conversation ends.';

/** `WriteFile`: creates a file or replaces its whole content. */
export const writeFile: Tool = {
  name: 'WriteFile',
  paths: (args) => [textArg(args, 'path')],
  describe: (context, args) => describeChange(context, args, 'WriteFile'),
  prepare: (context, args) =>
    Promise.resolve(prepareChange(context, args, (before) => encodeReplacement(textArg(args, 'content'), before))),
  execute: (context, call) =>
    change(context, call, (_, before) => encodeReplacement(textArg(call.args, 'content'), before)),
};

/** `EditFile`: replaces a text that occurs exactly once. */
export const editFile: Tool = {
  name: 'EditFile',
  paths: (args) => [textArg(args, 'path')],
  describe: (context, args) => describeChange(context, args, 'EditFile'),
  prepare: (context, args) =>
    Promise.resolve(
      prepareChange(context, args, (before) => (before === undefined ? undefined : edited(args, 'the file', before))),
    ),
  execute: (context, call) =>
    change(context, call, (shown, before) => {
      if (before === undefined)
        throw new StewardError('FILE_NOT_FOUND', `${shown} does not exist. Use WriteFile to create it.`);
      return edited(call.args, shown, before);
    }),
};

/** `DeleteFile`: removes one file; its content stays in the store until the session ends. */
export const deleteFile: Tool = {
  name: 'DeleteFile',
  paths: (args) => [textArg(args, 'path')],
  describe: (context, args) => describeChange(context, args, 'DeleteFile'),
  prepare: (context, args) => {
    const target = targetOf(context, args);
    const before = preImageOf(target, context.store);
    return Promise.resolve({
      target,
      preImageHash: before.hash,
      expectedHash: 'absent' as const,
      ...(before.mode === undefined ? {} : { mode: before.mode }),
    });
  },
  execute: async (context, call) => {
    const absolute = absolutePath(textArg(call.args, 'path'), pathBase(context));
    if (lstatSync(absolute, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new StewardError(
        'INVALID_REQUEST',
        `${absolute} is a symbolic link; DeleteFile removes files only. Delete the file it points to, or remove the link by a command.`,
      );
    }
    const target = realPathOf(absolute);
    const shown = displayPath(target, context.projectDir);
    const before = readForChange(target, call, 'File.Delete');
    if (before === undefined) throw new StewardError('FILE_NOT_FOUND', `${shown} does not exist.`);
    assertUnchanged(call.options.intent, hashOf(before));
    preImageOf(target, context.store);
    removeFile(target, call.options.walls);
    return finish(
      call,
      shown,
      `Deleted ${shown} (${sizeInWords(before.length)}). It can be reverted until the conversation ends.`,
      await diffOf(shown, before, undefined),
    );
  },
};

function targetOf(context: ToolContext, args: Record<string, unknown>): string {
  return realPathOf(absolutePath(textArg(args, 'path'), pathBase(context)));
}

function edited(args: Record<string, unknown>, shown: string, before: Buffer): Buffer {
  const oldText = textArg(args, 'oldText');
  const [marker] = redactionMarkers(oldText);
  if (marker !== undefined && !before.includes(oldText))
    throw new StewardError(
      'INVALID_REQUEST',
      `The old text holds ${marker}, which stands for a secret that was not shown. Name only text beside it; what ${shown} really holds there stays as it is.`,
    );
  return applyEdit(shown, before, oldText, textArg(args, 'newText'));
}

/** A marker written back would take the place of the secret that it stands for, so a change may not bring in new ones. */
function assertNoMarkerReturns(shown: string, before: Buffer | undefined, after: Buffer): void {
  const markers = redactionMarkers(after.toString('utf8'));
  const known = before === undefined ? 0 : redactionMarkers(before.toString('utf8')).length;
  if (markers.length > known)
    throw new StewardError(
      'INVALID_REQUEST',
      `The new content of ${shown} holds ${markers[0]}, which stands for a secret that was not shown. Nothing was changed. Use EditFile on the text beside it.`,
    );
}

type Prepared = Awaited<ReturnType<NonNullable<Tool['prepare']>>>;

function prepareChange(
  context: ToolContext,
  args: Record<string, unknown>,
  next: (before: Buffer | undefined) => Buffer | undefined,
): Prepared {
  const target = targetOf(context, args);
  const before = preImageOf(target, context.store);
  const mode = before.mode === undefined ? {} : { mode: before.mode };
  try {
    const after = next(before.hash === 'absent' ? undefined : context.store.read(before.hash));
    return {
      target,
      preImageHash: before.hash,
      ...(after === undefined ? {} : { expectedHash: hashOf(after) }),
      ...mode,
    };
  } catch (error) {
    // An edit that can't be applied fails when it is executed, with its reason; it has no expected content.
    if (!(error instanceof StewardError)) throw error;
    return { target, preImageHash: before.hash, ...mode };
  }
}

async function change(
  context: ToolContext,
  call: ToolCall,
  next: (shown: string, before: Buffer | undefined) => Buffer,
): Promise<ToolOutput> {
  const target = targetOf(context, call.args);
  const shown = displayPath(target, context.projectDir);
  const before = readForChange(target, call, 'File.Write');
  assertUnchanged(call.options.intent, before === undefined ? 'absent' : hashOf(before));
  const after = next(shown, before);
  assertNoMarkerReturns(shown, before, after);
  if (after.length > call.maxFileBytes) throw tooLarge(shown, after.length, call.maxFileBytes);
  if (before !== undefined && before.equals(after))
    return finish(call, shown, `${shown} already has this content; nothing was changed.`, {
      diff: '',
      additions: 0,
      deletions: 0,
    });
  if (call.options.intent === undefined) preImageOf(target, context.store);
  writeAtomically(target, after, call.options.walls, undefined, call.request.toolCallId);
  const diff = await diffOf(shown, before, after);
  const verb = before === undefined ? 'Created' : 'Changed';
  return finish(call, shown, `${verb} ${shown} (+${diff.additions} −${diff.deletions} lines).`, diff);
}

function readForChange(target: string, call: ToolCall, capability: 'File.Write' | 'File.Delete'): Buffer | undefined {
  try {
    const limit = capability === 'File.Delete' ? 1024 * 1024 * 1024 : call.maxFileBytes;
    return readBounded(target, call.options.walls, limit, capability).bytes;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function finish(call: ToolCall, shown: string, outputText: string, diff: FileDiff): Promise<ToolOutput> {
  const provenance = { source: 'runtime', trust: 'trusted', detail: shown } as const;
  if (diff.diff === '') return { outputText, provenance };
  const bytes = Buffer.from(diff.diff, 'utf8');
  const isLong = bytes.length > 10_000;
  const kept = isLong
    ? await call.keep({
        artifactType: 'file_diff',
        name: `${shown.slice(-190)}.diff`,
        contentType: 'text/x-diff',
        source: { kind: 'bytes', bytes },
      })
    : undefined;
  return { outputText, provenance, diff: diff.diff, ...(kept === undefined ? {} : { artifactUris: [kept.uri] }) };
}

async function diffOf(shown: string, before: Buffer | undefined, after: Buffer | undefined): Promise<FileDiff> {
  const sides = [before, after].map((bytes) => (bytes === undefined ? undefined : classify(bytes)));
  if (sides.some((side) => side !== undefined && side.kind !== 'text'))
    return { diff: `Binary files a/${shown} and b/${shown} differ\n`, additions: 0, deletions: 0 };
  const [old, next] = sides.map((side) => (side?.kind === 'text' ? side.text : undefined));
  return unifiedDiff(shown, old, next);
}

async function describeChange(
  context: ToolContext,
  args: Record<string, unknown>,
  toolName: 'WriteFile' | 'EditFile' | 'DeleteFile',
): Promise<ToolDescription> {
  const target = targetOf(context, args);
  const shown = displayPath(target, context.projectDir);
  // Only what lies in the project is shown: the person who approves need not be the one who may read the rest.
  const before =
    context.projectDir !== undefined && isInside(target, context.projectDir)
      ? peek(target, context.limits.fileBytes)
      : undefined;
  const exists = lstatSync(target, { throwIfNoEntry: false }) !== undefined;
  if (toolName === 'DeleteFile') {
    return {
      title: `Delete ${shown}`,
      summary: `Deleted ${shown}`,
      subject: { kind: 'file_delete', path: target, riskyParts: [target] },
      undo: 'The file is kept aside and can be brought back from the patch until the conversation ends.',
      writes: [target],
    };
  }
  const diff = await previewOf(shown, args, toolName, before);
  const verbs = toolName === 'EditFile' ? ['Edit', 'Edited'] : exists ? ['Overwrite', 'Wrote'] : ['Create', 'Created'];
  return {
    title: `${verbs[0]} ${shown}`,
    summary: `${verbs[1]} ${shown}`,
    subject: { kind: 'file_write', path: target, diff },
    undo: undoable,
    writes: [target],
  };
}

async function previewOf(
  shown: string,
  args: Record<string, unknown>,
  toolName: 'WriteFile' | 'EditFile',
  before: Buffer | undefined,
): Promise<string> {
  if (toolName === 'WriteFile')
    return (await diffOf(shown, before, encodeReplacement(textArg(args, 'content'), before))).diff;
  try {
    if (before !== undefined) return (await diffOf(shown, before, edited(args, shown, before))).diff;
  } catch {
    // The edit won't apply; the person still sees what was asked for.
  }
  return (await unifiedDiff(shown, textArg(args, 'oldText'), textArg(args, 'newText'))).diff;
}

function peek(target: string, maxBytes: number): Buffer | undefined {
  try {
    return readBounded(target, everywhere, maxBytes).bytes;
  } catch {
    return undefined;
  }
}
