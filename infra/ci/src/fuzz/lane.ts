import { readFile } from 'node:fs/promises';
import { newId } from '@steward/sdk';
import type { IdPrefix } from '@steward/sdk';
import bodies from './bodies.json' with { type: 'json' };
import type { CrossTenantResult } from './cross-tenant.ts';
import { replayForeignIds } from './cross-tenant.ts';
import type { Document } from './foreign-ids.ts';
import { idPlacesOf } from './foreign-ids.ts';
import type { Answer, Call } from './https.ts';
import { createCaller } from './https.ts';
import type { LeakResult, Listing } from './leaks.ts';
import { findLeaks, listedIds } from './leaks.ts';
import listings from './listings.json' with { type: 'json' };
import type { FuzzOptions } from './options.ts';
import { UsageError } from './options.ts';
import { prepare } from './prepare.ts';
import type { RunRecord } from './record.ts';
import { emptyRecord, mergeRecords } from './record.ts';
import { runSchemathesis } from './schemathesis.ts';
import type { Tokens } from './stack.ts';
import { FuzzStack, PEOPLE } from './stack.ts';

/** The owners' own words, as they stand in answers. */
const FOREIGN_WORDS = ['"acme"', '"bob"', '"carol"', '"dave"', '"erin"'];
/** Somebody of another tenant. */
const STRANGER = 'mallory';
const IDS_PER_PLACE = 20;

/** What a {@link Lane} needs. */
export interface LaneDeps {
  /** Folder of the repository. */
  readonly root: string;
  /** The Python that has Schemathesis. */
  readonly python: string;
  /** Folder of the hooks and the settings. */
  readonly folder: string;
  /** Folder for documents, logs and records. */
  readonly out: string;
  readonly options: FuzzOptions;
  /** Which of the stack's services this lane fuzzes. */
  readonly wants: (service: string) => boolean;
  /** Runs at the same time. */
  readonly parallel: number;
}

/** A stack of its own and the services of it that are fuzzed there, round by round. */
export class Lane {
  readonly documents: ReadonlyMap<string, Document>;
  /** Seeds of the rounds so far. */
  readonly seeds: number[] = [];
  /** Runs that could not do their work. */
  readonly broken: string[] = [];
  readonly #deps: LaneDeps;
  readonly #stack: FuzzStack;
  readonly #call: (call: Call) => Promise<Answer>;
  readonly #known = new Set<string>();
  #record: RunRecord = emptyRecord;

  private constructor(
    deps: LaneDeps,
    stack: FuzzStack,
    call: (call: Call) => Promise<Answer>,
    documents: ReadonlyMap<string, Document>,
  ) {
    this.#deps = deps;
    this.#stack = stack;
    this.#call = call;
    this.documents = documents;
  }

  /** Starts the stack and reads the documents of its services. @throws UsageError for a service that there is not */
  static async open(deps: LaneDeps): Promise<Lane> {
    const stack = await FuzzStack.start(deps.root);
    try {
      const unknown = deps.options.services.filter((name) => stack.services[name] === undefined);
      if (unknown.length > 0) throw new UsageError(`There is no service ${unknown.join(', ')}.`);
      const call = createCaller(await readFile(stack.caFile, 'utf8'));
      const documents = new Map<string, Document>();
      for (const [name, url] of Object.entries(stack.services)) {
        if (!deps.wants(name)) continue;
        const { text } = await call({ method: 'GET', url: `${url}/openapi.json` });
        documents.set(name, JSON.parse(text) as Document);
      }
      const lane = new Lane(deps, stack, call, documents);
      await lane.#remember();
      return lane;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** What was seen so far. */
  get record(): RunRecord {
    return this.#record;
  }

  /** Stops the stack and removes its home. */
  async close(): Promise<void> {
    await this.#stack.stop();
  }

  /** Fuzzes every service once, with the next seed. */
  async round(): Promise<void> {
    const seed = this.#deps.options.seed + this.seeds.length;
    this.seeds.push(seed);
    const names = [...this.documents.keys()];
    const workers = Array.from({ length: this.#deps.parallel }, async () => {
      for (let name = names.shift(); name !== undefined; name = names.shift()) await this.#one(name, seed);
    });
    await Promise.all(workers);
    await this.#release();
  }

  async #one(service: string, seed: number): Promise<void> {
    const { python, folder, out, options } = this.#deps;
    const { examples, withoutEdges } = options;
    const stack = this.#stack;
    const run = { python, folder, stack, service, document: this.documents.get(service) ?? {}, seed, out };
    try {
      const prepared = await prepare(service, {
        call: this.#call,
        services: stack.services,
        tokens: JSON.parse(await readFile(stack.tokensFile, 'utf8')) as Tokens,
        count: Math.min(20, examples),
        onMade: (id) => this.#known.add(id),
      });
      const fixedPhases = seed === this.seeds[0];
      const { strangersOwn } = this.#record;
      const record = await runSchemathesis({ ...run, examples, fixedPhases, withoutEdges, prepared, strangersOwn });
      this.#record = mergeRecords(this.#record, record);
    } catch (error) {
      this.broken.push(`${service}: ${(error as Error).message}`);
    }
  }

  /** Takes back what would stop the next round: the kill switch and the revocation of people. */
  async #release(): Promise<void> {
    const { carol = '', [STRANGER]: stranger = '' } = await this.#stack.renewTokens();
    const reason = 'The next round begins';
    const policy = this.#stack.services['policy'] ?? '';
    const answers: Answer[] = [];
    for (const token of [carol, stranger]) {
      const body = { active: false, reason };
      answers.push(await this.#call({ method: 'PUT', url: `${policy}/kill-switch`, token, body }));
    }
    for (const userId of PEOPLE) {
      const body = { kind: 'user_enabled', userId, reason };
      answers.push(await this.#call({ method: 'POST', url: `${policy}/revocations`, token: carol, body }));
    }
    for (const { status, text } of answers)
      if (status >= 300) this.broken.push(`The next round could not begin: ${status} ${text}`);
  }

  /** Sends the ids that were seen, as somebody of another tenant, to every place that takes such an id. */
  async replay(): Promise<CrossTenantResult[]> {
    const token = (await this.#stack.renewTokens())[STRANGER] ?? '';
    const results: CrossTenantResult[] = [];
    for (const [service, document] of this.documents) {
      for (const place of idPlacesOf(document)) {
        const ids = (this.#record.ids[place.kind] ?? []).slice(0, IDS_PER_PLACE);
        const result = await replayForeignIds(place, ids, {
          call: this.#call,
          baseUrl: this.#stack.services[service] ?? '',
          token,
          foreignWords: FOREIGN_WORDS,
          bodies,
          unknownId: (kind) => newId(kind as IdPrefix),
        });
        results.push({ ...result, place: `${service} ${result.place}` });
      }
    }
    return results;
  }

  /** What failed creations left behind: things in lists that no successful answer named. */
  async leaks(): Promise<LeakResult[]> {
    const tokens = await this.#stack.renewTokens();
    const known = new Set([...this.#known, ...Object.values(this.#record.made).flat()]);
    const results: LeakResult[] = [];
    for (const listing of this.#listings())
      results.push(...(await findLeaks(listing, { call: this.#call, services: this.#stack.services, tokens, known })));
    return results;
  }

  /** Keeps what is there before the first request. */
  async #remember(): Promise<void> {
    const tokens = await this.#stack.renewTokens();
    for (const listing of this.#listings()) {
      const ids = await listedIds(listing, { call: this.#call, services: this.#stack.services, tokens });
      for (const id of ids) this.#known.add(id);
    }
  }

  #listings(): readonly Listing[] {
    return listings.filter(({ service }) => this.documents.has(service));
  }
}
