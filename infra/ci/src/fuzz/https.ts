import { Agent, request } from 'node:https';

/** One HTTP call of the driver itself. */
export interface Call {
  readonly method: string;
  readonly url: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** An answer; `text` is at most a mebibyte. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

const MAX_TEXT = 1024 * 1024;

/** A function that sends calls to services whose certificates the given authority signed. */
export function createCaller(ca: string): (call: Call) => Promise<Answer> {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 4 });
  return ({ method, url, token, body, contentType }) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
      const headers = {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(text === undefined
          ? {}
          : { 'content-type': contentType ?? 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      };
      const outgoing = request(url, { method, headers, agent, timeout: 60_000 }, (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          received += piece;
          // Event streams go on for ever; what came first is enough.
          const isStream = String(response.headers['content-type']).startsWith('text/event-stream');
          if (isStream || received.length > MAX_TEXT) {
            response.destroy();
            resolve({ status: response.statusCode ?? 0, text: received });
          }
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: received }));
        response.on('error', reject);
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${url} was not answered in a minute.`)));
      outgoing.on('error', reject);
      outgoing.end(text);
    });
}
