import { findSecrets } from '@steward/secrets';
import { StewardError } from '@steward/sdk';
import type { Tool, ToolCall } from './tool.ts';
import { optionalText, textArg } from './tool.ts';
import { assertNoSecretInUpload } from '../egress/outgoing-secrets.ts';
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
    assertNothingSecret({ name, contentType }, bytes, call.options.findSecrets);
    context.egress.budget.begin();
    context.egress.budget.send(bytes.length);
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

/** Bytes are looked at as text whatever they are: a zero byte at the front would make anything binary. */
function assertNothingSecret(
  { name, contentType }: { readonly name: string; readonly contentType: string },
  bytes: Buffer,
  find: ToolCall['options']['findSecrets'],
): void {
  const content = classify(bytes);
  const texts = [name, contentType, bytes.toString('latin1'), ...(content.kind === 'text' ? [content.text] : [])];
  for (const text of texts) assertNoSecretInUpload(text, displayName(name), find);
}

/** A name is repeated only when it is none of the secrets itself. */
function displayName(name: string): string {
  return findSecrets(name).length === 0 ? name : 'its name';
}

function guessedType(bytes: Buffer): string {
  const content = classify(bytes);
  if (content.kind === 'image') return content.contentType;
  return content.kind === 'text' ? 'text/plain; charset=utf-8' : 'application/octet-stream';
}
