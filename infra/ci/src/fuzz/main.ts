import { randomInt } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@steward/sdk';
import type { IdPrefix } from '@steward/sdk';
import bodies from './bodies.json' with { type: 'json' };
import type { CrossTenantResult } from './cross-tenant.ts';
import { replayForeignIds } from './cross-tenant.ts';
import { MissingError, providePython } from './environment.ts';
import type { Document } from './foreign-ids.ts';
import { idPlacesOf, operationsOf } from './foreign-ids.ts';
import type { Answer, Call } from './https.ts';
import { createCaller } from './https.ts';
import type { LeakResult, Listing } from './leaks.ts';
import { findLeaks, listedIds } from './leaks.ts';
import listings from './listings.json' with { type: 'json' };
import neverSucceeds from './never-succeeds.json' with { type: 'json' };
import type { FuzzOptions } from './options.ts';
import { UsageError, parseOptions } from './options.ts';
import type { RunRecord } from './record.ts';
import { emptyRecord, judgeOperations, mergeRecords } from './record.ts';
import { prepare } from './prepare.ts';
import { runSchemathesis } from './schemathesis.ts';
import type { Tokens } from './stack.ts';
import { FuzzStack, PEOPLE } from './stack.ts';
import { summaryLines } from './summary.ts';

/** The owners' own words, as they stand in answers. */
const FOREIGN_WORDS = ['"acme"', '"bob"', '"carol"', '"dave"', '"erin"'];
/** Somebody of another tenant. */
const STRANGER = 'mallory';
/** It holds the switch that stops everybody: fuzzed when nobody else is. */
const LAST = 'policy';
const IDS_PER_PLACE = 20;
const LISTINGS: readonly Listing[] = listings;

/** What a fuzzing run needs from the outside. */
export interface FuzzDeps {
  /** Folder of the repository. */
  readonly root: string;
  readonly args: readonly string[];
  readonly print: (line: string) => void;
  readonly say: (sentence: string) => void;
}

/**
 * Fuzzes every service of a stack of its own and prints the summary, which ends with `N passed, N failed`. Resolves to
 * the exit code: 0, 1 for failures or something missing, 2 for wrong arguments.
 */
export async function runFuzz(deps: FuzzDeps): Promise<number> {
  try {
    return await new FuzzRun(deps, parseOptions(deps.args, randomInt(2 ** 31))).run();
  } catch (error) {
    if (!(error instanceof MissingError) && !(error instanceof UsageError)) throw error;
    deps.say(error.message);
    deps.print('0 passed, 1 failed');
    return error instanceof UsageError ? 2 : 1;
  }
}

class FuzzRun {
  readonly #deps: FuzzDeps;
  readonly #options: FuzzOptions;
  readonly #out: string;
  readonly #seeds: number[] = [];
  readonly #broken: string[] = [];
  readonly #known = new Set<string>();
  #record: RunRecord = emptyRecord;

  constructor(deps: FuzzDeps, options: FuzzOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#out = join(deps.root, 'dist', 'fuzz');
  }

  async run(): Promise<number> {
    const started = performance.now();
    const folder = join(this.#deps.root, 'infra/ci/src/fuzz/python');
    const python = providePython(join(folder, 'requirements.txt'), this.#deps.say);
    await rm(this.#out, { recursive: true, force: true });
    await mkdir(this.#out, { recursive: true });
    const stack = await FuzzStack.start(this.#deps.root);
    const stop = (): void => void stack.stop().then(() => process.exit(130));
    process.once('SIGINT', stop).once('SIGTERM', stop);
    try {
      const call = createCaller(await readFile(stack.caFile, 'utf8'));
      const documents = await readDocuments(stack, call, this.#options.services);
      await this.#remember(stack, call);
      await this.#rounds({ python, folder, stack, documents, call });
      const crossTenant = await this.#replay(stack, documents, call);
      const leaks = await this.#leaks(stack, call);
      const verdicts = [...documents].flatMap(([service, document]) =>
        judgeOperations(operationsOf(document), this.#record, neverSucceeds, this.#options.withoutEdges).map(
          (verdict) => ({
            service,
            ...verdict,
          }),
        ),
      );
      const seconds = (performance.now() - started) / 1000;
      const shared = {
        seeds: this.#seeds,
        seconds,
        record: this.#record,
        verdicts,
        crossTenant,
        leaks,
        broken: this.#broken,
      };
      const lines = summaryLines(shared);
      await writeFile(join(this.#out, 'summary.txt'), `${lines.join('\n')}\n`);
      await writeFile(join(this.#out, 'record.json'), JSON.stringify(this.#record, null, 2));
      if (this.#options.withoutEdges.length > 0)
        this.#deps.print(
          `Left to the long run: the edges of the bodies of ${this.#options.withoutEdges.join(', ')}, and whether each succeeds.`,
        );
      for (const line of lines) this.#deps.print(line);
      return lines.at(-1)?.endsWith(' 0 failed') === true ? 0 : 1;
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      await stack.stop();
    }
  }

  async #rounds(shared: RoundDeps): Promise<void> {
    const { requests, seed } = this.#options;
    do {
      const roundSeed = seed + this.#seeds.length;
      this.#seeds.push(roundSeed);
      const names = [...shared.documents.keys()].filter((name) => name !== LAST);
      const workers = Array.from({ length: this.#options.parallel }, async () => {
        for (let name = names.shift(); name !== undefined; name = names.shift())
          await this.#one(shared, name, roundSeed);
      });
      await Promise.all(workers);
      if (shared.documents.has(LAST)) {
        await this.#one(shared, LAST, roundSeed);
        await this.#release(shared);
      }
      this.#deps.say(`Round with seed ${roundSeed}: ${this.#record.requests} requests so far.`);
    } while (this.#record.requests < requests && this.#broken.length === 0);
  }

  async #one({ python, folder, stack, documents, call }: RoundDeps, service: string, seed: number): Promise<void> {
    const { examples, withoutEdges } = this.#options;
    const run = { python, folder, stack, service, document: documents.get(service) ?? {}, seed, out: this.#out };
    try {
      const tokens = JSON.parse(await readFile(stack.tokensFile, 'utf8')) as Tokens;
      const prepared = await prepare(service, {
        call,
        services: stack.services,
        tokens,
        count: Math.min(20, examples),
        onMade: (id) => this.#known.add(id),
      });
      const fixedPhases = seed === this.#seeds[0];
      const record = await runSchemathesis({ ...run, examples, fixedPhases, withoutEdges, prepared });
      this.#record = mergeRecords(this.#record, record);
    } catch (error) {
      this.#broken.push(`${service}: ${(error as Error).message}`);
    }
  }

  /** Takes back what would stop the next round: the kill switch and the revocation of people. */
  async #release({ stack, call }: RoundDeps): Promise<void> {
    const { carol = '', [STRANGER]: stranger = '' } = await stack.renewTokens();
    const reason = 'The next round begins';
    const policy = stack.services[LAST] ?? '';
    const answers: Answer[] = [];
    for (const token of [carol, stranger]) {
      answers.push(await call({ method: 'PUT', url: `${policy}/kill-switch`, token, body: { active: false, reason } }));
    }
    for (const userId of PEOPLE) {
      const body = { kind: 'user_enabled', userId, reason };
      answers.push(await call({ method: 'POST', url: `${policy}/revocations`, token: carol, body }));
    }
    for (const { status, text } of answers)
      if (status >= 300) this.#broken.push(`The next round could not begin: ${status} ${text}`);
  }

  /** Keeps what is there before the first request. */
  async #remember(stack: FuzzStack, call: (call: Call) => Promise<Answer>): Promise<void> {
    const tokens = await stack.renewTokens();
    for (const listing of LISTINGS) {
      for (const id of await listedIds(listing, { call, services: stack.services, tokens })) this.#known.add(id);
    }
  }

  /** What failed creations left behind: things in lists that no successful answer named. */
  async #leaks(stack: FuzzStack, call: (call: Call) => Promise<Answer>): Promise<LeakResult[]> {
    const tokens = await stack.renewTokens();
    const known = new Set([...this.#known, ...Object.values(this.#record.made).flat()]);
    const results: LeakResult[] = [];
    for (const listing of LISTINGS)
      results.push(...(await findLeaks(listing, { call, services: stack.services, tokens, known })));
    return results;
  }

  async #replay(
    stack: FuzzStack,
    documents: ReadonlyMap<string, Document>,
    call: (call: Call) => Promise<Answer>,
  ): Promise<CrossTenantResult[]> {
    const token = (await stack.renewTokens())[STRANGER] ?? '';
    const results: CrossTenantResult[] = [];
    for (const [service, document] of documents) {
      for (const place of idPlacesOf(document)) {
        const ids = (this.#record.ids[place.kind] ?? []).slice(0, IDS_PER_PLACE);
        const result = await replayForeignIds(place, ids, {
          call,
          baseUrl: stack.services[service] ?? '',
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
}

interface RoundDeps {
  readonly python: string;
  readonly folder: string;
  readonly stack: FuzzStack;
  readonly documents: ReadonlyMap<string, Document>;
  readonly call: (call: Call) => Promise<Answer>;
}

async function readDocuments(
  stack: FuzzStack,
  call: (call: Call) => Promise<Answer>,
  wanted: readonly string[],
): Promise<Map<string, Document>> {
  const unknown = wanted.filter((name) => stack.services[name] === undefined);
  if (unknown.length > 0) throw new UsageError(`There is no service ${unknown.join(', ')}.`);
  const names = wanted.length > 0 ? wanted : Object.keys(stack.services);
  const documents = new Map<string, Document>();
  for (const name of names) {
    const { text } = await call({ method: 'GET', url: `${stack.services[name] ?? ''}/openapi.json` });
    documents.set(name, JSON.parse(text) as Document);
  }
  return documents;
}
