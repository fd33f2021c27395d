import { boundText } from '../output/bounded-output.ts';
import { sizeInWords } from '../files/text.ts';
import type { ToolCall, ToolOutput } from '../tools/tool.ts';

/** A tool result of the protocol as output of ours: texts joined, images kept aside, everything else named. */
export async function toToolOutput(
  call: ToolCall,
  name: string,
  result: unknown,
  artifactThreshold: number,
): Promise<ToolOutput> {
  const parts: string[] = [];
  const artifactUris: string[] = [];
  for (const block of blocksOf(result)) {
    const text = await textOf(call, block, artifactUris);
    if (text !== undefined) parts.push(text);
  }
  const structured =
    isRecord(result) && isRecord(result['structuredContent']) ? result['structuredContent'] : undefined;
  if (parts.length === 0 && structured !== undefined) parts.push(JSON.stringify(structured));
  const whole = parts.join('\n');
  if (Buffer.byteLength(whole) > artifactThreshold) {
    const kept = await call.keep({
      artifactType: 'tool_output',
      name: `${call.request.toolCallId}.txt`,
      contentType: 'text/plain; charset=utf-8',
      source: { kind: 'bytes', bytes: Buffer.from(whole, 'utf8') },
    });
    if (kept !== undefined) artifactUris.push(kept.uri);
  }
  const isError = isRecord(result) && result['isError'] === true;
  return {
    outputText: boundText(whole, call.maxOutputBytes),
    ...(artifactUris.length === 0 ? {} : { artifactUris }),
    ...(isError
      ? {
          error: { code: 'TOOL_EXECUTION_FAILED' as const, message: `${name} reported an error; its output says why.` },
        }
      : {}),
    provenance: { source: 'remote_tool', trust: 'untrusted', detail: name },
  };
}

async function textOf(
  call: ToolCall,
  block: Record<string, unknown>,
  artifactUris: string[],
): Promise<string | undefined> {
  const { type, text, data, mimeType, resource, uri } = block;
  if (type === 'text' && typeof text === 'string') return text;
  if (type === 'resource' && isRecord(resource) && typeof resource['text'] === 'string') return resource['text'];
  if (type === 'resource_link' && typeof uri === 'string') return `[link: ${uri.slice(0, 2000)}]`;
  if (
    type === 'image' &&
    typeof data === 'string' &&
    typeof mimeType === 'string' &&
    /^image\/[a-z0-9.+-]+$/.test(mimeType)
  ) {
    const bytes = Buffer.from(data, 'base64');
    const kept = await call.keep({
      artifactType: 'image',
      name: `${call.request.toolCallId}.image`,
      contentType: mimeType,
      source: { kind: 'bytes', bytes },
    });
    if (kept !== undefined) artifactUris.push(kept.uri);
    return `[image: ${mimeType}, ${sizeInWords(bytes.length)}${kept === undefined ? '' : `; kept as artifact ${kept.artifactId}`}]`;
  }
  return typeof type === 'string' ? `[${type.slice(0, 50)} content; not shown]` : undefined;
}

function blocksOf(result: unknown): Record<string, unknown>[] {
  const content = isRecord(result) ? result['content'] : undefined;
  return Array.isArray(content) ? content.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
