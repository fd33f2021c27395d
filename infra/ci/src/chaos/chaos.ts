import { createServiceClient, newId } from '@steward/sdk';
import type { WorkspacePaths } from '@steward/sdk';
import { listAll } from '../load/faults.ts';
import type { LoadOptions } from '../load/options.ts';
import { judged, told } from '../load/report.ts';
import type { Finding } from '../load/report.ts';
import { createPeople } from '../stand/people.ts';
import type { Person } from '../stand/people.ts';
import { Stand } from '../stand/stand.ts';

const workers = 8;
const kills = 4;

/**
 * Kills a service under load, again and again: clients that repeat with the same Idempotency-Key get everything done, and
 * what was acknowledged is there once.
 */
export async function killUnderLoad(root: string, options: LoadOptions): Promise<Finding[]> {
  const stand = await Stand.start(root);
  const { people, stop } = await createPeople(stand.issuer, workers);
  try {
    const service = stand.service('workspace');
    const startMs = [await service.start()];
    const acknowledged = new Map(people.map((person) => [person, new Set<string>()]));
    let done = 0;
    let gaveUp = 0;
    const each = Math.ceil(options.chaosWrites / workers);
    const writing = Promise.all(
      people.map(async (person) => {
        // A claim that a killed process left is free after a minute, so a client has to be that patient.
        const retry = { attempts: 400, baseDelayMs: 50, maxDelayMs: 1000, budget: false as const };
        const client = createServiceClient<WorkspacePaths>(stand.url('workspace'), {
          getToken: () => person.token,
          retry,
        });
        for (let index = 0; index < each; index += 1) {
          const params = { header: { 'Idempotency-Key': newId('req') } };
          try {
            const { data } = await client.POST('/workspaces', { params, body: { workspaceScope: 'general' } });
            acknowledged.get(person)?.add(data!.workspaceId);
          } catch {
            gaveUp += 1;
          }
          done += 1;
        }
      }),
    );
    for (let kill = 1; kill <= kills; kill += 1) {
      await until(() => done >= (kill * options.chaosWrites) / (kills + 1));
      await service.stop('SIGKILL');
      startMs.push(await service.start());
    }
    await writing;
    const { lost, twice, redone } = await compareWithStore(stand, people, acknowledged);
    const written = [...acknowledged.values()].reduce((sum, ids) => sum + ids.size, 0);
    return [
      told('kill, acknowledged writes', `${written} over ${kills} kills`),
      judged('kill, acknowledged writes that are lost', lost, { atMost: 0 }),
      judged('kill, clients that gave up', gaveUp, { atMost: 0 }),
      judged('kill, acknowledged writes that are there twice', twice, { atMost: 0 }),
      told('kill, writes done again after a kill between effect and record', `${redone}`),
      judged('kill, slowest start after a kill', Math.max(...startMs) / 1000, { atMost: 1, unit: ' s' }),
    ];
  } finally {
    stop();
    await stand.close();
  }
}

async function compareWithStore(
  stand: Stand,
  people: readonly Person[],
  acknowledged: ReadonlyMap<Person, ReadonlySet<string>>,
): Promise<{ lost: number; twice: number; redone: number }> {
  let lost = 0;
  let twice = 0;
  let redone = 0;
  for (const person of people) {
    const client = createServiceClient<WorkspacePaths>(stand.url('workspace'), { getToken: () => person.token });
    const found = await listAll(client);
    const known = acknowledged.get(person) ?? new Set();
    lost += [...known].filter((id) => !found.includes(id)).length;
    twice += found.length - new Set(found).size;
    redone += found.filter((id) => !known.has(id)).length;
  }
  return { lost, twice, redone };
}

/** Stops a service gently under load: no request that reached it breaks. */
export async function drainUnderLoad(root: string, options: LoadOptions): Promise<Finding[]> {
  const stand = await Stand.start(root);
  const { people, stop } = await createPeople(stand.issuer, workers);
  try {
    const service = stand.service('workspace');
    await service.start();
    let answered = 0;
    const broken: string[] = [];
    let isRefused = false;
    const each = Math.ceil(options.chaosWrites / workers);
    const sending = Promise.all(
      people.map(async (person) => {
        for (let index = 0; index < each * 100 && !isRefused; index += 1) {
          const outcome = await send(stand, person);
          if (outcome === 'answered') answered += 1;
          else if (outcome === 'refused') isRefused = true;
          else broken.push(outcome);
        }
      }),
    );
    await until(() => answered >= options.chaosWrites / 4);
    const code = await service.stop('SIGTERM');
    await sending;
    return [
      told('drain, answered until the end', `${answered}`),
      judged('drain, requests that broke', broken.length, { atMost: 0 }),
      ...(broken.length === 0 ? [] : [told('  how they broke', [...new Set(broken)].join('; '))]),
      judged('drain, exit code', code ?? NaN, { atMost: 0 }),
    ];
  } finally {
    stop();
    await stand.close();
  }
}

/** `refused`: no connection was made, so nothing was sent and another process can take it. Other words: it broke. */
async function send(stand: Stand, person: Person): Promise<string> {
  try {
    const response = await fetch(`${stand.url('workspace')}/workspaces`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
      body: '{"workspaceScope":"general"}',
    });
    const text = await response.text();
    return response.status === 201 ? 'answered' : `${response.status} ${text.slice(0, 200)}`;
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    return code === 'ECONNREFUSED' ? 'refused' : `${code ?? ''} ${String((error as Error).cause ?? error)}`;
  }
}

async function until(isReached: () => boolean): Promise<void> {
  while (!isReached()) await new Promise((resolve) => setTimeout(resolve, 5));
}
