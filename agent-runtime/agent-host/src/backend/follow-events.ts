import * as http from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { ServiceUnreachableError, StewardError } from '@steward/sdk';
import { createParser } from 'eventsource-parser';

/** A stream of server-sent events. */
export interface FollowEventsOptions {
  readonly url: URL;
  readonly token: string;
  readonly signal: AbortSignal;
  /** Silence after which the stream counts as dead, in milliseconds; 40 s unless given, twice the services' own. */
  readonly silenceMs?: number;
  /** Every sign of life, heartbeats too. */
  onSign(): void;
  onData(data: string): void;
}

/**
 * Follows a stream until the service ends it. Rejects when it can't be reached, is silent for too long, is refused, or
 * the signal aborts. An event that `onData` throws on ends it too.
 */
export async function followEvents(options: FollowEventsOptions): Promise<void> {
  const { url, token, signal, silenceMs = 40_000, onSign, onData } = options;
  const module = url.protocol === 'https:' ? await import('node:https') : http;
  await new Promise<void>((resolve, reject) => {
    const outgoing = module.request(
      url,
      {
        headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
        signal,
        timeout: silenceMs,
      },
      (response) => {
        if (response.statusCode !== 200) {
          response.resume();
          const status = response.statusCode ?? 0;
          return reject(
            new StewardError(status === 401 ? 'UNAUTHORIZED' : 'INTERNAL_ERROR', `The stream answered ${status}.`, {
              retryable: true,
              details: { status },
            }),
          );
        }
        const decoder = new StringDecoder('utf8');
        const parser = createParser({ onEvent: ({ data }) => onData(data) });
        onSign();
        response.on('data', (bytes: Buffer) => {
          try {
            parser.feed(decoder.write(bytes));
            onSign();
          } catch (error) {
            outgoing.destroy(error as Error);
          }
        });
        response.on('end', resolve);
        response.on('error', reject);
        response.on('close', resolve);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('the stream was silent for too long')));
    outgoing.on('error', (cause) =>
      reject(new ServiceUnreachableError(`The stream of ${url.host} broke off (${cause.message}).`, { cause })),
    );
    outgoing.end();
  });
}
