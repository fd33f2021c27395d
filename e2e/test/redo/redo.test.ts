import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalJson, systemClock } from '@steward/sdk';
import { bodies } from '../matrix/bodies.ts';
import { send } from '../matrix/http.ts';
import type { HttpAnswer } from '../matrix/http.ts';
import { loadServices } from '../matrix/modules.ts';
import { seedTenant } from '../matrix/seeds.ts';
import type { SeededIds } from '../matrix/seeds.ts';
import { memoryStores } from '../matrix/stores.ts';
import { createWorld, openApis, serviceNames } from '../matrix/world.ts';
import type { ServiceName, World } from '../matrix/world.ts';
import { mortal } from './mortal-stores.ts';
import type { MortalStores } from './mortal-stores.ts';
import { likeness } from './likeness.ts';

interface Operation {
  readonly operationId: string;
  readonly service: ServiceName;
  readonly method: string;
  readonly path: string;
  readonly roles: readonly string[];
}

interface Call {
  readonly url: string;
  readonly body?: string;
}

const changing = new Set(['post', 'put', 'patch', 'delete']);

/** Operations that only look or compute, whatever their verb. */
const changingNothing = new Set(['validatePolicy', 'diffPolicy', 'evaluate', 'invokeTool']);

/** Every operation that may change something that a service keeps; uploads are idempotent by their bytes. */
const operations: Operation[] = serviceNames
  .filter((service) => service !== 'telemetry')
  .flatMap((service) =>
    Object.entries(openApis[service].paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, Declared>)
        .filter(
          ([method, declared]) =>
            changing.has(method) && takesJson(declared) && !changingNothing.has(declared.operationId),
        )
        .map(([method, { operationId, 'x-access': access }]) => {
          return { operationId, service, method: method.toUpperCase(), path, roles: access.roles ?? [] };
        }),
    ),
  );

type Declared = {
  readonly operationId: string;
  readonly 'x-access': { readonly roles?: readonly string[] };
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
};

function takesJson({ requestBody }: Declared): boolean {
  return requestBody === undefined || requestBody.content['application/json'] !== undefined;
}

/** Where the matrix's own body or ids would change nothing. */
const changes: Readonly<Record<string, { readonly body?: object; readonly ids?: SeededIds }>> = {
  createSession: {
    body: {
      executionEnvironment: 'desktop',
      clientInfo: { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' },
      supportedCapabilities: [],
    },
  },
  rollbackPolicy: { ids: { version: '1' } },
  setKillSwitch: { body: { active: true, reason: 'redo' } },
};

/** What may be answered instead: that what has the client's own id was there before, or less to count. */
const knownBefore: Readonly<Record<string, (first: Answer) => Answer>> = {
  createApproval: (first) => ({ ...first, status: 200 }),
  // A receipt counts what the try removed that finished the deletion.
  deleteWorkspace: (first) => ({
    ...first,
    body: first.body
      .replace(/"deletedArtifacts":\d+/, '"deletedArtifacts":0')
      .replace(/"deletedBytes":\d+/, '"deletedBytes":0'),
  }),
  recordTask: (first) => ({ ...first, status: 200 }),
  appendEvents: (first) => ({ ...first, body: first.body.replace('"duplicate":false', '"duplicate":true') }),
};

interface Answer {
  readonly status: number;
  readonly body: string;
}

const creates = new Set([201, 202]);

let dying: MortalStores;
/** The processes that may die, and those a minute later, when the claim of a dead one is over. */
let world: World;
let later: World;
let count = 0;

beforeAll(async () => {
  const modules = await loadServices();
  const stores = memoryStores();
  dying = mortal(stores);
  world = await createWorld(modules, dying.stores);
  const now = (): Date => new Date(systemClock.now().getTime() + 61_000);
  later = await createWorld(modules, stores, { ...systemClock, now });
});

afterAll(async () => {
  await world.close();
  await later.close();
});

/** A tenant of its own with one of everything, and the call that is about to be made in it. */
async function prepare(operation: Operation): Promise<{ tenant: string; call: Call }> {
  // As long as any other, since sizes are compared too.
  const tenant = `redo${String((count += 1)).padStart(5, '0')}x`;
  const { operationId, path } = operation;
  const ids = { ...(await seedTenant(world, tenant)), ...changes[operationId]?.ids };
  const body = changes[operationId]?.body ?? bodies[operationId]?.({ ids, tenant });
  const url = `/v1${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(ids[name as keyof typeof ids]))}`;
  return { tenant, call: { url, ...(body === undefined ? {} : { body: JSON.stringify(body) }) } };
}

async function perform(to: World, operation: Operation, tenant: string, { url, body }: Call): Promise<HttpAnswer> {
  const isOwners = operation.roles.includes('user');
  const who = isOwners ? { sub: 'owner', roles: ['user'] } : { sub: 'admin', roles: operation.roles };
  const token = await to.issuer.mint({ tenantId: tenant, ...who });
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': 'once', ...type };
  const port = to.ports[operation.service];
  return send({ port, method: operation.method, path: url, headers, ...(body === undefined ? {} : { body }) });
}

function alike({ status, body }: HttpAnswer, tenant: string): Answer {
  return { status, body: likeness(sorted(body), tenant) };
}

/** The JSON text with its members in order; stores give them in any. */
function sorted(body: string): string {
  return canonicalJson(JSON.parse(body));
}

const lists: readonly [ServiceName, string][] = [
  ['session', '/sessions'],
  ['policy', '/policies'],
  ['policy', '/policy-history'],
  ['policy', '/policy/simulations'],
  ['workspace', '/workspaces'],
  ['audit', '/incidents'],
];

/** What a tenant has, as the services list it, alike but for ids and times. */
async function contentOf(tenant: string): Promise<unknown[]> {
  const everybody = { tenantId: tenant, sub: 'owner', roles: ['user', 'admin', 'auditor', 'operator'] };
  const headers = { authorization: `Bearer ${await later.issuer.mint(everybody)}` };
  const found: unknown[] = [];
  for (const [service, path] of lists) {
    const answer = await send({ port: later.ports[service], method: 'GET', path: `/v1${path}`, headers });
    const { items } = JSON.parse(likeness(sorted(answer.body), tenant)) as { items: Record<string, unknown>[] };
    // What a simulation came to is not the request's effect.
    for (const { progress: _progress, status, message: _message, ...item } of items)
      found.push(path.endsWith('simulations') ? path : { path, ...item, status });
  }
  return found;
}

/** Kills the process after its n-th write; the request is then repeated to another. Nothing when it did not die. */
async function breakAndRepeat(operation: Operation, n: number) {
  const { tenant, call } = await prepare(operation);
  dying.killAfter(tenant, n);
  const answer = await perform(world, operation, tenant, call);
  if (dying.wasKept(tenant)) return undefined;
  return { tenant, answer, repeated: await perform(later, operation, tenant, call) };
}

describe('a request that is repeated after the process died over it', () => {
  it.each(operations.map((operation) => [operation.operationId, operation] as const))(
    '%s has the effect of one, wherever it died',
    async (operationId, operation) => {
      const whole = await prepare(operation);
      const first = alike(await perform(world, operation, whole.tenant, whole.call), whole.tenant);
      const content = await contentOf(whole.tenant);
      expect(first.status).toBeLessThan(300);

      let answered = 0;
      for (let n = 1; ; n += 1) {
        const broken = await breakAndRepeat(operation, n);
        if (broken === undefined) break;

        const { tenant, answer, repeated } = broken;
        const again = alike(repeated, tenant);
        const known = knownBefore[operationId]?.(first);
        const expected =
          known !== undefined && again.status === known.status && again.body === known.body ? known : first;
        expect({ died: n, ...again }).toEqual({ died: n, ...expected });
        expect({ died: n, content: await contentOf(tenant) }).toEqual({ died: n, content });
        if (answer.status >= 300) continue;
        // The answer went out and only its keeping was cut: it is the same to the letter.
        answered += 1;
        if (creates.has(first.status) && known === undefined)
          expect([repeated.status, sorted(repeated.body)]).toEqual([answer.status, sorted(answer.body)]);
      }
      expect(answered).toBe(1);
    },
    120_000,
  );
});
