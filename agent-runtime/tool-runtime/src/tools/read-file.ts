import type { Tool, ToolCall, ToolContext, ToolOutput } from './tool.ts';
import { readDescription, textArg } from './tool.ts';
import { readBounded } from '../files/read-bounded.ts';
import { absolutePath, displayPath, realPathOf } from '../files/resolve.ts';
import { classify, linesOf, sizeInWords } from '../files/text.ts';
import { wholeCharacters } from '../output/bounded-output.ts';

/** `ReadFile`: text by lines, images as artifact, anything else described. */
export const readFile: Tool = {
  name: 'ReadFile',
  paths: (args) => [textArg(args, 'path')],
  describe: (context, args) => {
    const real = realPathOf(absolutePath(textArg(args, 'path'), pathBase(context)));
    const shown = displayPath(real, context.projectDir);
    return Promise.resolve(readDescription('file_read', `Read ${shown}`, `Read ${shown}`, { path: real }));
  },
  execute: async (context, call) => {
    const absolute = absolutePath(textArg(call.args, 'path'), pathBase(context));
    const { bytes, realPath } = readBounded(absolute, call.options.walls, call.maxFileBytes);
    const shown = displayPath(realPath, context.projectDir);
    const provenance = { source: 'repository_file', trust: 'untrusted', detail: shown } as const;
    const content = classify(bytes);
    if (content.kind === 'text') return { outputText: selectLines(content.text, call), provenance };
    if (content.kind === 'binary')
      return { outputText: `[binary file: ${shown}, ${sizeInWords(bytes.length)}; not shown]`, provenance };
    return { ...(await keepImage(call, shown, content.contentType, bytes)), provenance };
  },
};

/** Where this context's relative paths start. */
export function pathBase(context: ToolContext): { homeDir: string; projectDir?: string } {
  return {
    homeDir: context.deps.homeDir,
    ...(context.projectDir === undefined ? {} : { projectDir: context.projectDir }),
  };
}

function selectLines(text: string, call: ToolCall): string {
  const lines = linesOf(text);
  const from = typeof call.args['offset'] === 'number' ? call.args['offset'] : 0;
  const limit = typeof call.args['limit'] === 'number' ? call.args['limit'] : lines.length;
  if (from >= lines.length) {
    return from === 0 ? '' : `[no lines: the file has ${lines.length} lines, offset is ${from}]`;
  }
  const wanted = lines.slice(from, from + limit);
  let bytes = 0;
  let count = 0;
  for (const line of wanted) {
    const size = Buffer.byteLength(line);
    if (bytes + size > call.maxOutputBytes) break;
    bytes += size;
    count++;
  }
  if (count === 0) return firstPart(wanted[0] ?? '', from, lines.length, call.maxOutputBytes);
  const shown = wanted.slice(0, count).join('');
  const end = from + count;
  if (end >= lines.length) return shown;
  return `${shown}${shown.endsWith('\n') ? '' : '\n'}[truncated: lines ${from} to ${end - 1} of ${lines.length} shown; continue with offset ${end}]`;
}

function firstPart(line: string, index: number, total: number, maxBytes: number): string {
  const bytes = Buffer.from(line).subarray(0, maxBytes);
  const text = bytes.subarray(0, wholeCharacters(bytes)).toString('utf8');
  return `${text}\n[truncated: line ${index} of ${total} is longer than ${maxBytes} bytes and was cut; continue with offset ${index + 1}]`;
}

async function keepImage(call: ToolCall, shown: string, contentType: string, bytes: Buffer): Promise<ToolOutput> {
  const kept = await call.keep({
    artifactType: 'image',
    name: shown.slice(-200),
    contentType,
    source: { kind: 'bytes', bytes },
  });
  const where = kept === undefined ? 'it could not be kept as an artifact' : `kept as artifact ${kept.artifactId}`;
  return {
    outputText: `[image: ${shown}, ${contentType}, ${sizeInWords(bytes.length)}; ${where}]`,
    ...(kept === undefined ? {} : { artifactUris: [kept.uri] }),
  };
}
