import { StewardError } from '@steward/sdk';
import type { Tool, ToolCall } from './tool.ts';
import { optionalText, textArg } from './tool.ts';
import { pathBase } from './read-file.ts';
import { readBounded } from '../files/read-bounded.ts';
import { absolutePath, displayPath, realPathOf } from '../files/resolve.ts';
import { classify, sizeInWords } from '../files/text.ts';

/** `UploadArtifact`: keeps a file or a text as an artifact of the conversation. */
export const uploadArtifact: Tool = {
  name: 'UploadArtifact',
  paths: (args) => (args['path'] === undefined ? [] : [textArg(args, 'path')]),
  describe: (context, args) => {
    const path = optionalText(args, 'path');
    const name = textArg(args, 'name');
    const real = path === undefined ? undefined : realPathOf(absolutePath(path, pathBase(context)));
    const what = real === undefined ? name : displayPath(real, context.projectDir);
    return Promise.resolve({
      title: `Upload ${what}`,
      summary: `Uploaded ${what}`,
      subject: {
        kind: 'upload',
        ...(real === undefined ? { body: textArg(args, 'content') } : { path: real, riskyParts: [real] }),
      },
      undo: 'The artifact stays in the workspace until the workspace is deleted.',
      writes: [],
    });
  },
  execute: async (context, call) => {
    const path = optionalText(call.args, 'path');
    const name = textArg(call.args, 'name');
    const bytes =
      path === undefined
        ? Buffer.from(textArg(call.args, 'content'), 'utf8')
        : readBounded(absolutePath(path, pathBase(context)), call.options.walls, call.maxFileBytes).bytes;
    const contentType = optionalText(call.args, 'contentType') ?? guessedType(bytes);
    const { request } = call;
    assertNothingSecret(name, bytes, call.options.findSecrets);
    try {
      const { artifactId, uri } = await context.deps.uploadArtifact({
        artifactType: contentType.startsWith('image/') ? 'image' : 'file',
        name,
        contentType,
        source: { kind: 'bytes', bytes },
        sessionId: request.sessionId,
        taskId: request.taskId,
        stepId: request.stepId,
        toolCallId: request.toolCallId,
      });
      return {
        outputText: `Kept ${name} (${sizeInWords(bytes.length)}) as artifact ${artifactId}.`,
        artifactUris: [uri],
        provenance: { source: 'runtime', trust: 'trusted', detail: name },
      };
    } catch (error) {
      if (error instanceof StewardError) throw error;
      throw new StewardError('WORKSPACE_UPLOAD_FAILED', `${name} could not be kept as an artifact. Try again.`, {
        cause: error,
      });
    }
  },
};

function assertNothingSecret(name: string, bytes: Buffer, findSecrets: ToolCall['options']['findSecrets']): void {
  const content = classify(bytes);
  const kind = content.kind === 'text' ? findSecrets?.(content.text)[0]?.kind : undefined;
  if (kind === undefined) return;
  throw new StewardError(
    'CAPABILITY_DENIED',
    `Workspace.Upload keeps no secrets: ${name} holds what looks like a secret (${kind}). Leave it out.`,
    { details: { reasonCodes: ['SECRET_IN_UPLOAD'], kind } },
  );
}

function guessedType(bytes: Buffer): string {
  const content = classify(bytes);
  if (content.kind === 'image') return content.contentType;
  return content.kind === 'text' ? 'text/plain; charset=utf-8' : 'application/octet-stream';
}
