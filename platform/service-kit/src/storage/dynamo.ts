import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { StewardError } from '@steward/sdk';
import { decodeCursor, encodeCursor, limitOf } from './pages.ts';
import type { Page, PageRequest } from './pages.ts';

/** What a DynamoDB repository needs. */
export interface DynamoDeps {
  readonly client: DynamoDBDocumentClient;
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

/**
 * A document client from the AWS_* environment. An endpoint without credentials is a local engine, which takes any.
 * Owned by the caller: `destroy()` when done.
 */
export function createDynamoClient(options: { endpoint?: string; region?: string } = {}): DynamoDBDocumentClient {
  // The kit pins the version that runs here; the note on a later Node is not the operator's to act on.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const endpoint = options.endpoint ?? process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  const isLocal = endpoint !== undefined && process.env['AWS_ACCESS_KEY_ID'] === undefined;
  const client = new DynamoDBClient({
    region: options.region ?? process.env['AWS_REGION'] ?? 'eu-central-1',
    maxAttempts: 4,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(isLocal ? { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } } : {}),
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
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

/** Runs a write again while the store is busy with the same items: 5 tries, jittered pauses below 100 ms. */
export async function retryContention<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      if (attempt >= 5 || !isContention(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** attempt));
    }
  }
}

/**
 * One page of a query. Items that `select` leaves out do not count: the query goes on until the page is full.
 * @param keyOf the attributes of a cursor: the table's keys and those of the index
 * @param select keeps some of the items, in their order
 */
export async function queryPage<T>(
  client: DynamoDBDocumentClient,
  input: QueryCommandInput,
  request: PageRequest,
  keyOf: (item: T) => Record<string, unknown>,
  select: (items: T[]) => Promise<T[]> | T[] = (items) => items,
): Promise<Page<T>> {
  const limit = limitOf(request);
  let start = request.cursor === undefined ? undefined : decodeCursor(request.cursor);
  const items: T[] = [];
  do {
    const answer = await sendQuery(
      client,
      { ...input, Limit: limit + 1, ...(start === undefined ? {} : { ExclusiveStartKey: start }) },
      request,
    );
    items.push(...(await select((answer.Items ?? []) as T[])));
    start = answer.LastEvaluatedKey;
  } while (items.length <= limit && start !== undefined);
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page,
    ...(items.length > limit && last !== undefined ? { nextCursor: encodeCursor(keyOf(last)) } : {}),
  };
}

async function sendQuery(client: DynamoDBDocumentClient, input: QueryCommandInput, request: PageRequest) {
  try {
    return await client.send(new QueryCommand(input));
  } catch (cause) {
    // A made-up cursor reaches the store as a start key of the wrong shape.
    if (request.cursor === undefined || nameOf(cause) !== 'ValidationException') throw cause;
    throw new StewardError('INVALID_REQUEST', 'The cursor does not belong to this list; start again without it.', {
      cause,
      details: { field: 'cursor' },
    });
  }
}

function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null ? String((error as { name?: unknown }).name) : '';
}
