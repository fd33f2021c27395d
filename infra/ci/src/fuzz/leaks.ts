import type { Answer, Call } from './https.ts';

/** A list that a person can page through, and the lists inside each of its items. */
export interface Listing {
  readonly service: string;
  readonly person: string;
  /** Address below the service's base; `{id}` stands for the item that it is inside of. */
  readonly path: string;
  /** Member of an item that holds its id. */
  readonly key: string;
  readonly inside?: { readonly path: string; readonly key: string };
}

/** What {@link findLeaks} needs. */
export interface LeakDeps {
  readonly call: (call: Call) => Promise<Answer>;
  /** Service → base address, ends in `/v1`. */
  readonly services: Readonly<Record<string, string>>;
  readonly tokens: Readonly<Record<string, string>>;
  /** Ids that somebody was told of, or that were there before. */
  readonly known: ReadonlySet<string>;
}

/** What a look at one list found. */
export interface LeakResult {
  readonly place: string;
  readonly looked: number;
  readonly problems: readonly string[];
}

/** Items whose inside is looked at. */
const MOST_INSIDE = 300;
/** More pages than any run makes: a list that goes on for ever is a finding. */
const MOST_PAGES = 5_000;

/**
 * Pages through a list and names every item that no successful answer ever named: what is left of a creation that was
 * answered with a failure. The lists inside of items are looked at for the first {@link MOST_INSIDE} of them.
 */
export async function findLeaks(listing: Listing, deps: LeakDeps): Promise<LeakResult[]> {
  const items = await itemsOf(listing, listing.path, deps);
  const results = [resultOf(`${listing.service} ${listing.path}`, items, listing.key, deps.known)];
  if (listing.inside !== undefined) {
    const { path, key } = listing.inside;
    const found: Item[] = [];
    for (const item of items.slice(0, MOST_INSIDE))
      found.push(...(await itemsOf(listing, path.replace('{id}', String(item[listing.key])), deps)));
    results.push(resultOf(`${listing.service} ${path}`, found, key, deps.known));
  }
  return results;
}

/** The ids of all items of a list now. */
export async function listedIds(listing: Listing, deps: Omit<LeakDeps, 'known'>): Promise<string[]> {
  return (await itemsOf(listing, listing.path, deps)).map((item) => String(item[listing.key]));
}

function resultOf(place: string, items: readonly Item[], key: string, known: ReadonlySet<string>): LeakResult {
  const problems = items
    .filter((item) => !known.has(String(item[key])))
    .map((item) => `${String(item[key])} is there although no answer named it: ${JSON.stringify(item).slice(0, 300)}`);
  return { place, looked: items.length, problems };
}

async function itemsOf(
  { service, person }: Listing,
  path: string,
  { call, services, tokens }: Omit<LeakDeps, 'known'>,
): Promise<Item[]> {
  const found: Item[] = [];
  let cursor = '';
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const url = `${services[service] ?? ''}${path}?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const { status, text } = await call({ method: 'GET', url, token: tokens[person] ?? '' });
    // What it was inside of may be gone by now.
    if (status === 404 && path.includes('_')) return found;
    if (status !== 200) throw new Error(`GET ${path} was answered ${status}: ${text.slice(0, 300)}`);
    const { items, nextCursor } = JSON.parse(text) as Page;
    found.push(...items);
    if (nextCursor === undefined) return found;
    cursor = nextCursor;
  }
  throw new Error(`GET ${path} has more than ${MOST_PAGES} pages.`);
}

type Item = Readonly<Record<string, unknown>>;

interface Page {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}
