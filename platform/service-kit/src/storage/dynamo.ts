import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { limits } from '@steward/contracts';

/** What a DynamoDB repository needs. */
export interface DynamoDeps {
  readonly client: DynamoDBClient;
  /** First part of every table name, such as `local` or `prod`. */
  readonly env: string;
}

/** The real name of a table of the contracts. */
export function tableName(env: string, name: string): string {
  return `${env}-${name}`;
}

/** Seconds since 1970, the unit of `ttl`. */
export function epochSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

/** True when the item's `ttl` has passed: the store deletes late, so readers check. */
export function isExpired(item: { readonly ttl?: unknown }, now: Date): boolean {
  return typeof item.ttl === 'number' && item.ttl <= epochSeconds(now);
}

// They tell a logger that is not there what is sent and answered, find loops of Lambda functions, and name the client: a
// fifth of what a call costs this process.
const unneeded = ['loggerMiddleware', 'recursionDetectionMiddleware', 'getUserAgentMiddleware'];

/**
 * A client from the AWS_* environment, as cheap a call as the SDK allows: half of what its document client costs over
 * Node's own HTTP (ADR 29). Rows pass it in the store's own types, see `attributes.ts`. An endpoint without credentials is
 * a local engine, which takes any. Owned by the caller: `destroy()` when done.
 */
export function createDynamoClient(options: { endpoint?: string; region?: string } = {}): DynamoDBClient {
  // The kit pins the version that runs here; the note on a later Node is not the operator's to act on.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const endpoint = options.endpoint ?? process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  const isLocal = endpoint !== undefined && process.env['AWS_ACCESS_KEY_ID'] === undefined;
  const client = new DynamoDBClient({
    region: options.region ?? process.env['AWS_REGION'] ?? 'eu-central-1',
    maxAttempts: 4,
    // No command has middleware of its own, so that one chain per kind of command serves them all.
    cacheMiddleware: true,
    requestHandler: new UndiciHttpHandler({
      dispatcher: {
        // An answer that does not come is asked for again well before the request's own time is up.
        connect: { timeout: 1_000 },
        headersTimeout: 3_000,
        bodyTimeout: 3_000,
        // As many as requests are let in, so that none waits for a connection.
        connections: limits.load.requestsAtOnce,
      },
    }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(isLocal ? { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } } : {}),
  });
  for (const name of unneeded) client.middlewareStack.remove(name);
  return client;
}

/** True when the error says that the condition of a single write was not met. */
export function isConditionFailed(error: unknown): boolean {
  return nameOf(error) === 'ConditionalCheckFailedException';
}

/**
 * Per item of a refused transaction the reason, in the order of the items: `None`, `ConditionalCheckFailed`,
 * `TransactionConflict`…; undefined when the error is no refused transaction.
 */
export function cancelReasonsOf(error: unknown): string[] | undefined {
  if (nameOf(error) !== 'TransactionCanceledException') return undefined;
  const reasons = (error as { CancellationReasons?: { Code?: string }[] }).CancellationReasons ?? [];
  return reasons.map(({ Code }) => Code ?? 'None');
}

/** True when the store was busy with the same items; trying again is right. */
export function isContention(error: unknown): boolean {
  const reasons = cancelReasonsOf(error);
  if (reasons !== undefined)
    return reasons.includes('TransactionConflict') && !reasons.includes('ConditionalCheckFailed');
  return ['TransactionConflictException', 'TransactionInProgressException', 'ThrottlingException'].includes(
    nameOf(error),
  );
}

/** True when a transaction was cancelled because the condition of its n-th item did not hold. */
export function isCancelledBy(error: unknown, index: number): boolean {
  return cancelReasonsOf(error)?.[index] === 'ConditionalCheckFailed';
}

/**
 * Runs a write again while the store is busy with the same items, with growing, scattered pauses of at most half a
 * second. @param attempts 5 unless given; more where many writers share one row by design
 */
export async function retryContention<T>(write: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (attempt >= attempts || !isContention(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(500, 10 * 2 ** attempt)));
    }
  }
}

function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null ? String((error as { name?: unknown }).name) : '';
}
