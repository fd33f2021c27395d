import type { Answer, Call } from './https.ts';
import type { IdPlace } from './foreign-ids.ts';

/** What a replay of foreign ids needs. */
export interface CrossTenantDeps {
  readonly call: (call: Call) => Promise<Answer>;
  /** Base address of the service, ends in `/v1`. */
  readonly baseUrl: string;
  /** Token of somebody of another tenant, who has the roles that the operation asks for. */
  readonly token: string;
  /** Words that belong to the owners alone: their tenant, their names. */
  readonly foreignWords: readonly string[];
  /** Bodies that would be accepted if the id were one's own, by operation. */
  readonly bodies: Readonly<Record<string, object | string>>;
  /** An id of the kind that nobody was ever given. */
  readonly unknownId: (kind: string) => string;
}

/** What the replay of ids at one place found. */
export interface CrossTenantResult {
  readonly place: string;
  readonly replayed: number;
  readonly problems: readonly string[];
}

/**
 * Sends each id of another tenant to one place of one operation. The answer must be the one that an id gets which nobody
 * was ever given: for ids in a path a 404 alike in everything but the id, elsewhere the same status; and it must hold
 * no word of the owners.
 */
export async function replayForeignIds(
  place: IdPlace,
  ids: readonly string[],
  deps: CrossTenantDeps,
): Promise<CrossTenantResult> {
  const problems: string[] = [];
  // The other ids of the path are the same in both calls: only the id in question may make a difference.
  const others = Object.fromEntries(
    Object.entries(place.pathKinds).map(([name, kind]) => [name, kind === undefined ? '1' : deps.unknownId(kind)]),
  );
  for (const id of ids) {
    const unknown = deps.unknownId(place.kind);
    const control = await deps.call(callOf(place, unknown, others, deps));
    const answer = await deps.call(callOf(place, id, others, deps));
    const problem = judge(place, { id, answer }, { id: unknown, answer: control }, deps.foreignWords);
    if (problem !== undefined) problems.push(`${id}: ${problem}`);
  }
  return { place: `${place.operation} ${place.in} ${place.name}`, replayed: ids.length, problems };
}

interface Exchange {
  readonly id: string;
  readonly answer: Answer;
}

/** What is wrong with the answer to a foreign id beside the answer to an unknown one; undefined when nothing is. */
export function judge(
  place: Pick<IdPlace, 'in'>,
  foreign: Exchange,
  control: Exchange,
  foreignWords: readonly string[],
): string | undefined {
  const { status, text } = foreign.answer;
  const leaked = foreignWords.find((word) => text.replaceAll(foreign.id, '').includes(word));
  if (leaked !== undefined) return `answered ${status} with ${leaked} of the owner`;
  if (place.in === 'path' && status !== 404) return `answered ${status}, not 404`;
  if (status !== control.answer.status) return `answered ${status}, an unknown id ${control.answer.status}`;
  const alike = text.replaceAll(foreign.id, 'ID') === control.answer.text.replaceAll(control.id, 'ID');
  if (status === 404 && !alike) return `its 404 differs from that of an unknown id: ${text.slice(0, 300)}`;
  return undefined;
}

function callOf(place: IdPlace, id: string, others: Readonly<Record<string, string>>, deps: CrossTenantDeps): Call {
  const path = place.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => {
    return place.in === 'path' && name === place.name ? id : (others[name] ?? '1');
  });
  const query = place.in === 'query' ? `?${place.name}=${id}` : '';
  const given = deps.bodies[place.operation];
  const body = place.in === 'body' ? { ...(typeof given === 'object' ? given : {}), [place.name]: id } : given;
  return {
    method: place.method,
    url: `${deps.baseUrl}${path}${query}`,
    token: deps.token,
    ...(body === undefined ? {} : { body }),
    ...(typeof body === 'string' ? { contentType: 'application/octet-stream' } : {}),
  };
}
