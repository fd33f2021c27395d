import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { EngineCall } from '../stand/engine-proxy.ts';

/** A call of the engine as the document client takes it. */
export interface BareCall {
  readonly name: string;
  readonly input: Record<string, unknown>;
}

/** What a bare handler does for one route: what the service did for each of several people, taken in turn. */
export interface BareRoute {
  readonly method: string;
  /** With version and query. */
  readonly url: string;
  readonly turns: readonly BareTurn[];
  /** Where the body holds what is new in every request. */
  readonly fresh?: FreshPlace;
}

/** Groups of calls one after the other, each group at once; then an answer. */
export interface BareTurn {
  readonly groups: readonly (readonly BareCall[])[];
  readonly status: number;
  readonly body: unknown;
  /** The value at the fresh place in the recorded request; replaced by that of each request. */
  readonly freshValue?: string;
}

/** Names on the way to a value within a body: `['events', 0, 'eventId']`. */
export type FreshPlace = readonly (string | number)[];

/** The text at a place of a body; undefined where there is none. */
export function freshValueOf(body: unknown, place: FreshPlace): string | undefined {
  let value = body;
  for (const name of place) value = (value as Record<string | number, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** The calls without their conditions, for rows that a bare handler writes over and over. */
export function withoutConditions(groups: readonly (readonly BareCall[])[]): BareCall[][] {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => name !== 'ConditionExpression')
        .map(([name, member]) => [name, strip(member)]),
    );
  };
  return groups.map((group) =>
    group.map(({ name, input }) => ({ name, input: strip(input) as Record<string, unknown> })),
  );
}

/** The groups of calls that were under way together; what the service only counted with is left out. */
export function groupsOf(calls: readonly EngineCall[]): BareCall[][] {
  const groups: { calls: BareCall[]; endsMs: number }[] = [];
  for (const { name, input, startedMs, endedMs } of calls) {
    if (String(input['TableName'] ?? '').endsWith('-rate-limits')) continue;
    const last = groups.at(-1);
    const call = { name, input: documentOf(input) as Record<string, unknown> };
    if (last !== undefined && startedMs < last.endsMs) {
      last.calls.push(call);
      last.endsMs = Math.max(last.endsMs, endedMs);
    } else groups.push({ calls: [call], endsMs: endedMs });
  }
  return groups.map((group) => group.calls);
}

const marshalled = new Set(['Key', 'Item', 'ExpressionAttributeValues', 'ExclusiveStartKey']);

function documentOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(documentOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (marshalled.has(name)) return [name, unmarshall(member as Record<string, AttributeValue>)];
      if (name === 'Keys') return [name, (member as Record<string, AttributeValue>[]).map((key) => unmarshall(key))];
      // The client makes one for each call.
      if (name === 'ClientRequestToken') return [name, undefined];
      return [name, documentOf(member)];
    }),
  );
}
