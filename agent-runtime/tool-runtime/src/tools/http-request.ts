import { parseTarget } from '@steward/policy-engine';
import type { Tool, ToolCall, ToolOutput } from './tool.ts';
import { optionalText, textArg, textsOf } from './tool.ts';
import { fillHeaders } from '../secrets/fill-references.ts';
import { sendRequest, type EgressResponse } from '../egress/http-client.ts';
import { sizeInWords } from '../files/text.ts';
import { boundText } from '../output/bounded-output.ts';

const shownHeaders = new Set([
  'content-type',
  'content-length',
  'location',
  'last-modified',
  'etag',
  'date',
  'retry-after',
  'link',
  'allow',
  'www-authenticate',
]);
const timeoutMs = 60_000;

/** `HttpRequest`: one request through the egress module. */
export const httpRequest: Tool = {
  name: 'HttpRequest',
  paths: () => [],
  describe: (_, args) => {
    const method = textArg(args, 'method');
    const url = textArg(args, 'url');
    const body = optionalText(args, 'body');
    const parsed = parseTarget(url);
    const shown = parsed.ok ? parsed.target.url : url;
    const short = shown.length > 120 ? `${shown.slice(0, 120)}…` : shown;
    const sends = method !== 'GET' && method !== 'HEAD';
    return Promise.resolve({
      title: `${method} ${short}`,
      summary: `${method} ${short}`,
      subject: {
        kind: 'network',
        method,
        url: shown,
        ...(body === undefined ? {} : { body }),
        ...(args['headers'] === undefined ? {} : { arguments: { headers: args['headers'] } }),
        riskyParts: [...(sends ? [method] : []), ...(parsed.ok ? [parsed.target.host] : [])],
      },
      undo: sends
        ? "What the server does with the request can't be undone."
        : 'Reading changes nothing here; what the URL says reaches the server.',
      writes: [],
    });
  },
  execute: async (context, call) => {
    const body = optionalText(call.args, 'body');
    const filled = fillHeaders(
      textsOf(call.args['headers']),
      textArg(call.args, 'url'),
      context.deps.namedSecrets?.() ?? [],
    );
    const response = await sendRequest(
      {
        method: textArg(call.args, 'method'),
        url: textArg(call.args, 'url'),
        ...filled,
        ...(body === undefined ? {} : { body }),
        walls: call.options.walls,
        signal: call.options.force,
        timeoutMs,
        maxBytes: context.limits.responseBytes,
      },
      context.egress,
    );
    return toOutput(call, response, context.limits.artifactThresholdBytes);
  },
};

async function toOutput(call: ToolCall, response: EgressResponse, threshold: number): Promise<ToolOutput> {
  const contentType = response.headers.find(([name]) => name === 'content-type')?.[1] ?? 'application/octet-stream';
  const kept =
    response.body.length > threshold
      ? await call.keep({
          artifactType: 'tool_output',
          name: `${call.request.toolCallId}.response`,
          contentType: contentType.slice(0, 200),
          source: { kind: 'bytes', bytes: response.body },
        })
      : undefined;
  const head = [
    `HTTP ${response.status} ${response.statusText}`.trimEnd(),
    ...response.redirects.map((url) => `redirected to: ${url}`),
    ...response.headers.filter(([name]) => shownHeaders.has(name)).map(([name, value]) => `${name}: ${value}`),
  ].join('\n');
  const note = response.cut ? `\n[truncated: the body is longer than ${sizeInWords(response.body.length)}]` : '';
  return {
    outputText: boundText(`${head}\n\n${bodyText(response.body)}`, call.maxOutputBytes) + note,
    ...(kept === undefined ? {} : { artifactUris: [kept.uri] }),
    provenance: { source: 'web', trust: 'untrusted', detail: response.url.slice(0, 4096) },
  };
}

function bodyText(body: Buffer): string {
  return body.subarray(0, 8192).includes(0)
    ? `[binary body, ${sizeInWords(body.length)}; not shown]`
    : body.toString('utf8');
}
