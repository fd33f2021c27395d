import { createServiceClient, newId } from '@steward/sdk';
import type { ApprovalPaths, WorkspacePaths } from '@steward/sdk';
import { createPeople } from '../stand/people.ts';
import type { Person } from '../stand/people.ts';
import { Stand } from '../stand/stand.ts';
import type { LoadOptions } from './options.ts';
import { judged, told } from './report.ts';
import type { Finding } from './report.ts';
import { approvalRequest } from './routes.ts';

const faults = { throttled: 0.1, delayed: 0.05, delayMs: 500, dropped: 0.01 };
const workers = 24;

/**
 * Clients with the SDK's own retries against services whose engine throttles, delays and drops: nearly everything has
 * to succeed in the end, with few repetitions, and nothing may be there twice.
 */
export async function measureFaults(root: string, options: LoadOptions): Promise<Finding[]> {
  const stand = await Stand.start(root);
  const { people, stop } = await createPeople(stand.issuer, workers);
  try {
    await stand.service('workspace', { viaProxy: true }).start();
    await stand.service('approval', { viaProxy: true }).start();
    let sent = 0;
    const counting: typeof fetch = (input, init) => {
      sent += 1;
      return fetch(input, init);
    };
    // What start-up asked for is no load.
    const before = { ...stand.proxy.counts };
    stand.proxy.inject(faults);
    const results = await Promise.all(
      people.map((person) => work(stand, person, counting, Math.ceil(options.faultyCalls / workers))),
    );
    stand.proxy.inject({ throttled: 0, delayed: 0, delayMs: 0, dropped: 0 });
    const { calls, throttled, dropped, delayed } = stand.proxy.counts;
    const broken = throttled + dropped - before.throttled - before.dropped;
    const made = calls - before.calls;
    const duplicates = await duplicatesOf(stand, people, results);
    const attempted = results.reduce((sum, { attempted: n }) => sum + n, 0);
    const succeeded = results.reduce((sum, { succeeded: n }) => sum + n, 0);
    return [
      told('faults, calls of the engine', `${made}: ${throttled} throttled, ${delayed} delayed, ${dropped} dropped`),
      judged('faults, success of the clients', (100 * succeeded) / attempted, { atLeast: 99.9, unit: ' %' }),
      ...[...new Set(results.flatMap(({ failures }) => failures))].map((failure) => told('  failure', failure)),
      judged('faults, requests per call of a client', sent / attempted, { atMost: 1.2, unit: '×', digits: 3 }),
      judged('faults, calls of the engine per answered one', made / (made - broken), {
        atMost: 1.2,
        unit: '×',
        digits: 3,
      }),
      judged('faults, duplicates or losses', duplicates, { atMost: 0 }),
    ];
  } finally {
    stop();
    await stand.close();
  }
}

interface Worked {
  attempted: number;
  succeeded: number;
  /** Ids that were acknowledged. */
  readonly workspaces: Set<string>;
  readonly approvals: Set<string>;
  /** Creations whose end is unknown; each may be there once. */
  unknown: number;
  /** What the failures said. */
  readonly failures: string[];
}

async function work(stand: Stand, person: Person, fetchImpl: typeof fetch, count: number): Promise<Worked> {
  const options = { getToken: () => person.token, fetch: fetchImpl };
  const workspaces = createServiceClient<WorkspacePaths>(stand.url('workspace'), options);
  const approvals = createServiceClient<ApprovalPaths>(stand.url('approval'), options);
  const worked: Worked = {
    attempted: 0,
    succeeded: 0,
    workspaces: new Set(),
    approvals: new Set(),
    unknown: 0,
    failures: [],
  };
  for (let index = 0; index < count; index += 1) {
    worked.attempted += 1;
    const params = { header: { 'Idempotency-Key': newId('req') } };
    try {
      if (index % 3 === 0) {
        const { data } = await workspaces.POST('/workspaces', { params, body: { workspaceScope: 'general' } });
        worked.workspaces.add(data!.workspaceId);
      } else if (index % 3 === 1) {
        const { data } = await approvals.POST('/approvals', { params, body: approvalRequest() as never });
        worked.approvals.add(data!.approvalId);
      } else {
        const [approvalId = ''] = worked.approvals;
        await approvals.GET('/approvals/{approvalId}', { params: { path: { approvalId } } });
      }
      worked.succeeded += 1;
    } catch (error) {
      worked.failures.push(String(error).slice(0, 160));
      if (index % 3 === 0) worked.unknown += 1;
    }
  }
  return worked;
}

/** Workspaces that are there and were never acknowledged, or the other way around; approvals that are gone. */
async function duplicatesOf(stand: Stand, people: readonly Person[], results: readonly Worked[]): Promise<number> {
  let wrong = 0;
  for (const [index, person] of people.entries()) {
    const worked = results[index];
    if (worked === undefined) continue;
    const options = { getToken: () => person.token };
    const workspaces = createServiceClient<WorkspacePaths>(stand.url('workspace'), options);
    const approvals = createServiceClient<ApprovalPaths>(stand.url('approval'), options);
    const found = await listAll(workspaces);
    const missing = [...worked.workspaces].filter((id) => !found.includes(id)).length;
    const extra = Math.max(0, found.length - worked.workspaces.size - worked.unknown);
    wrong += missing + extra;
    for (const approvalId of worked.approvals) {
      const { data } = await approvals.GET('/approvals/{approvalId}', { params: { path: { approvalId } } });
      if (data?.approvalId !== approvalId) wrong += 1;
    }
  }
  return wrong;
}

/** Every workspace of the client's person. */
export async function listAll(client: ReturnType<typeof createServiceClient<WorkspacePaths>>): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 200, ...(cursor === undefined ? {} : { cursor }) };
    const { data } = await client.GET('/workspaces', { params: { query } });
    ids.push(...data!.items.map(({ workspaceId }) => workspaceId));
    cursor = data!.nextCursor;
  } while (cursor !== undefined);
  return ids;
}
