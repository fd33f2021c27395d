import { Agent, request } from 'node:http';

/** One call. */
export interface HttpCall {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Its answer; an event stream is read up to its first event. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: string;
  readonly contentType: string;
  readonly body: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const longestMs = 60_000;

/** Calls over a kept connection. A service that was too busy has done nothing and is asked again. */
export async function send(call: HttpCall): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await sendOnce(call);
    if (answer.status !== 429 || attempt === 50) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function sendOnce(call: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { port, method, path, headers, body } = call;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request({ host: '127.0.0.1', port, method, path, headers: { ...headers, ...length }, agent });
    sent.setTimeout(longestMs, () => sent.destroy(new Error(`${method} ${path} did not answer.`)));
    sent.once('error', (error) => {
      // The service had closed the kept connection before it saw anything of this request.
      const isStale = sent.reusedSocket && (error as { code?: unknown }).code === 'ECONNRESET';
      if (isStale) sendOnce(call).then(resolve, reject);
      else reject(new Error(`${method} ${path}: ${error.message}`, { cause: error }));
    });
    sent.once('response', (response) => {
      const contentType = String(response.headers['content-type'] ?? '');
      const chunks: Buffer[] = [];
      const end = (): void => {
        const status = response.statusCode ?? 0;
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status, contentType, headers: response.rawHeaders.join('\n'), body: text });
      };
      const isStream = contentType.startsWith('text/event-stream') && method === 'GET';
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (!isStream || !chunk.includes('data:')) return;
        end();
        response.destroy();
      });
      response.once('end', end);
      response.once('error', (error) => (isStream ? end() : reject(error)));
    });
    sent.end(body);
  });
}
