import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { HostCallName, HostCalls, HostEvent, HostReply, StackDescription } from '@steward/desktop-host';
import { StewardError } from '@steward/sdk';
import type { Known } from '../harness/life.ts';
import type { Scenario } from '../harness/scenario.ts';
import type { World } from '../harness/world.ts';
import type { FaultPlan, Strike } from '../seam/plan.ts';

/** What a host is started with besides its world. */
export interface HostSetup {
  readonly hostFile: string;
  readonly runtimeFile: string;
  readonly issuer: string;
  /** Goes through a sign-in as a browser would. */
  browse(page: string): Promise<unknown>;
}

/** How one life of the host ended. */
export interface HostEnd {
  readonly kind: 'completed' | 'died';
  readonly hits: readonly string[];
}

type Line = { readonly ready?: true; readonly event?: HostEvent; readonly id?: number; readonly reply?: HostReply };

const longestWaitMs = 120_000;

/** One life of the desktop host: signs in, opens or recovers the conversation, answers approvals, closes it. */
export async function hostLife(
  world: World,
  scenario: Scenario,
  known: Known,
  strikes: readonly Strike[],
  setup: HostSetup,
): Promise<HostEnd> {
  const number = known.heard.length;
  known.heard.push([]);
  const hits = join(world.control, `host-hits-${number}.log`);
  const planFile = join(world.control, `host-plan-${number}.json`);
  const plan: FaultPlan = { hits, gate: join(world.control, 'host-gate'), home: world.home, strikes };
  writeFileSync(planFile, JSON.stringify(plan));
  const host = new HostProcess(world, setup, planFile);
  const died = once(host.child, 'exit').then(() => 'died' as const);
  const end = await Promise.race([drive(host, world, scenario, known, setup).then(() => 'completed' as const), died]);
  host.child.stdin.end();
  if (end === 'completed') await died;
  // A runtime whose host has died leaves by itself, and takes its commands along.
  await until(() => runtimesOf(world).length === 0, 'The runtime outlives its host');
  return { kind: end, hits: existsSync(hits) ? readFileSync(hits, 'utf8').split('\n').slice(0, -1) : [] };
}

class HostProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly events: HostEvent[] = [];
  readonly ready: Promise<void>;
  readonly #answers = new Map<number, (reply: HostReply) => void>();
  #last = 0;

  constructor(world: World, { hostFile, runtimeFile, issuer }: HostSetup, planFile: string) {
    const stack: StackDescription = {
      services: world.serviceAddresses,
      issuer,
      clientId: 'steward-desktop',
      caFile: undefined,
      home: world.home,
      runtime: { command: [process.execPath, runtimeFile], env: world.env },
      model: 'scripted-model',
      demoModel: false,
    };
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, STEWARD_TORTURE: planFile, STEWARD_HOST_STACK: JSON.stringify(stack) };
    this.child = spawn(process.execPath, [hostFile], { env, stdio: 'pipe' });
    this.child.stdin.on('error', () => undefined);
    this.child.stderr.resume();
    let isReady = (): void => undefined;
    this.ready = new Promise((resolve) => (isReady = resolve));
    createInterface({ input: this.child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      if (line.ready === true) isReady();
      if (line.event !== undefined) this.events.push(line.event);
      if (line.id !== undefined && line.reply !== undefined) this.#answers.get(line.id)?.(line.reply);
    });
  }

  /** Asks the host; never settles when it dies, which its exit tells. */
  async call<K extends HostCallName>(method: K, params: HostCalls[K]['params']): Promise<HostCalls[K]['result']> {
    this.#last += 1;
    const id = this.#last;
    const reply = await new Promise<HostReply>((resolve) => {
      this.#answers.set(id, resolve);
      this.child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
    });
    if (!reply.ok) throw new StewardError(reply.error.code as 'INTERNAL_ERROR', reply.error.message);
    return reply.result as HostCalls[K]['result'];
  }
}

async function drive(
  host: HostProcess,
  world: World,
  scenario: Scenario,
  known: Known,
  { browse }: HostSetup,
): Promise<void> {
  await host.ready;
  const { identity } = await host.call('getSnapshot', {});
  if (identity.state !== 'signed_in') {
    const { navigateTo = '' } = await host.call('signIn', {});
    // A host that dies meanwhile has no page to come back to.
    await browse(navigateTo).catch(() => undefined);
    await until(async () => (await host.call('getSnapshot', {})).identity.state === 'signed_in', 'Nobody is signed in');
  }
  const folder = (): string => join(world.home, 'runtime', 'sessions', known.sessionId ?? '');
  if (!known.shutdownAsked || existsSync(folder())) {
    const sessionId = await openConversation(host, world, known);
    if (sessionId !== undefined) await finish(host, scenario, known, sessionId);
  }
  await until(() => !existsSync(folder()), 'The conversation that was closed is still on the disk');
}

async function openConversation(host: HostProcess, world: World, known: Known): Promise<string | undefined> {
  const { conversations } = await host.call('getSnapshot', {});
  const open = conversations[0];
  // A host that was told to close does so by itself when it comes back.
  if (open === undefined && known.shutdownAsked) return undefined;
  const { sessionId } = open ?? (await host.call('openConversation', { projectDir: world.project }));
  known.sessionId = sessionId;
  if (open !== undefined && open.runtime !== 'running')
    await host.call('recoverConversation', { sessionId, action: 'resume' });
  return sessionId;
}

async function finish(host: HostProcess, scenario: Scenario, known: Known, sessionId: string): Promise<void> {
  const { taskId } = known;
  await host.call('startTask', { sessionId, taskId, prompt: scenario.prompt });
  known.taskAccepted = true;
  await until(async () => {
    const { task, pendingApprovals } = await host.call('getConversationState', { sessionId });
    for (const { approvalId, actionDigest } of pendingApprovals) {
      await host.call('approve', { sessionId, approvalId, actionDigest, decision: 'approved' });
      known.approved.add(approvalId);
    }
    return task?.taskId === taskId && /^TASK_(COMPLETED|FAILED|CANCELLED)$/.test(task.status);
  }, 'The task does not end');
  known.messages = (await host.call('getMessages', { sessionId, limit: 200 })).items;
  known.events = (await host.call('getEvents', { sessionId, fromSeq: 1, limit: 1000 })).events;
  known.shutdownAsked = true;
  await host.call('closeConversation', { sessionId });
}

/** Process ids of runtimes of this world. */
function runtimesOf(world: World): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      if (!/^\d+$/.test(pid)) return false;
      const env = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      return env.includes(`STEWARD_HOME=${world.home}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    } catch {
      // It ended while it was looked at.
      return false;
    }
  });
}

async function until(holds: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  for (const limit = performance.now() + longestWaitMs; !(await holds());) {
    if (performance.now() > limit) throw new Error(`${otherwise}, after ${longestWaitMs / 1000} seconds.`);
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}
