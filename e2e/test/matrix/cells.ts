import { newId } from '@steward/sdk';
import { bodies, queries } from './bodies.ts';
import type { Principal, Tenant } from './principals.ts';
import type { SeededIds } from './seeds.ts';
import { openApis, serviceNames } from './world.ts';
import type { ServiceName } from './world.ts';

/** Whose things a call names; `mixed`: in one's own container the thing of another tenant. */
export type Resource = 'own' | 'foreign' | 'unknown' | 'mixed' | 'none';

/** The access that an operation declares. */
export type Access = {
  readonly public?: true;
  readonly roles?: readonly string[];
  readonly services?: readonly string[];
};

/** An operation as its document declares it. */
export interface DeclaredOperation {
  readonly operationId: string;
  readonly access: Access;
  readonly isJson: boolean;
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema?: object }> }>>;
}

/** One call of the matrix. */
export interface Cell {
  readonly service: ServiceName;
  readonly method: string;
  readonly path: string;
  /** Absent: the path has no such verb. */
  readonly operation?: DeclaredOperation;
  readonly principal: Principal;
  readonly resource: Resource;
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
  readonly body?: string;
}

const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];

/** Every path × every verb × everybody × whose things, writes with and without an idempotency key. */
export function* enumerateCells(
  principals: readonly Principal[],
  seeded: Readonly<Record<Tenant, SeededIds>>,
): Generator<Cell> {
  for (const service of serviceNames) {
    for (const [path, item] of Object.entries(openApis[service].paths)) {
      for (const method of verbs) {
        const operation = operationOf(item as Record<string, unknown>, method);
        for (const principal of principals) {
          yield* cellsOf({ service, path, method, principal, ...(operation && { operation }) }, seeded);
        }
      }
    }
  }
}

type Place = Pick<Cell, 'service' | 'path' | 'method' | 'principal' | 'operation'>;

function* cellsOf(place: Place, seeded: Readonly<Record<Tenant, SeededIds>>): Generator<Cell> {
  const { operation, principal, path } = place;
  const tenant = principal.tenant ?? 'acme';
  for (const resource of resourcesOf(place)) {
    const ids = idsOf(resource, tenant, seeded);
    const input = { ids, tenant };
    const json = operation?.isJson === true && place.method !== 'HEAD';
    const body = place.method === 'HEAD' ? undefined : operation && bodies[operation.operationId]?.(input);
    const query = operation && queries[operation.operationId]?.(input);
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const url =
      '/v1' +
      path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? 'x')) +
      (query === undefined ? '' : `?${new URLSearchParams(query).toString()}`);
    const type = text === undefined ? {} : { 'content-type': json ? 'application/json' : 'application/octet-stream' };
    const headers = { ...principal.headers, ...type };
    const cell = { ...place, resource, url, headers, ...(text === undefined ? {} : { body: text }) };
    yield cell;
    // Tenants use the same keys, so an answer that is kept for one would show up at another.
    const key = `matrix-${operation?.operationId ?? ''}-${resource}`;
    if (json && text !== undefined) yield { ...cell, headers: { ...headers, 'idempotency-key': key } };
  }
}

function resourcesOf({ operation, path, method }: Place): Resource[] {
  if (operation === undefined) return ['own'];
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
  const named = names.length > 0 || queries[operation.operationId] !== undefined || takesIds.has(operation.operationId);
  if (!named || operation.access.public === true) return ['none'];
  if (names.length > 1 && method !== 'DELETE') return ['own', 'foreign', 'unknown', 'mixed'];
  return ['own', 'foreign', 'unknown'];
}

/** Operations whose body names somebody's things. */
const takesIds = new Set(['createSession', 'evaluate', 'diffPolicy', 'simulatePolicy', 'appendEvents']);

function idsOf(resource: Resource, tenant: Tenant, seeded: Readonly<Record<Tenant, SeededIds>>): SeededIds {
  const other: Tenant = tenant === 'acme' ? 'globex' : 'acme';
  const own = seeded[tenant];
  const foreign = { ...seeded[other], version: String(seeded[other]['lastVersion']), tenantId: other };
  if (resource === 'foreign') return { ...foreign, toolName: 'no.such' };
  if (resource === 'mixed') return { ...foreign, workspaceId: String(own['workspaceId']), tenantId: tenant };
  if (resource === 'unknown') return { ...unknownIds, tenantId: 'nowhere' };
  return own;
}

const unknownIds: SeededIds = {
  sessionId: newId('sess'),
  taskId: newId('task'),
  workspaceId: newId('ws'),
  sessionWorkspaceId: newId('ws'),
  artifactId: newId('art'),
  approvalId: newId('appr'),
  eventId: newId('evt'),
  incidentId: newId('inc'),
  simulationId: newId('sim'),
  version: '999998',
  toolName: 'no.such',
};

function operationOf(item: Record<string, unknown>, method: string): DeclaredOperation | undefined {
  const name = method === 'HEAD' ? 'get' : method.toLowerCase();
  const raw = item[name] as
    | {
        operationId: string;
        'x-access': Access;
        requestBody?: { content: Record<string, unknown> };
        responses: DeclaredOperation['responses'];
      }
    | undefined;
  if (raw === undefined) return undefined;
  return {
    operationId: raw.operationId,
    access: raw['x-access'],
    isJson: raw.requestBody?.content['application/json'] !== undefined,
    responses: raw.responses,
  };
}
