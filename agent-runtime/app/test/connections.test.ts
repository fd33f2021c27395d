import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RpcRequests, SessionEvent } from '@steward/contracts';
import { JsonRpcPeer, LineTransport } from '@steward/sdk';
import { buildBundle } from './support/build-bundle.ts';
import { RuntimeWorld, runTask, startTask, until } from './support/runtime-world.ts';

let world: RuntimeWorld;
beforeAll(buildBundle);
beforeEach(async () => {
  world = await RuntimeWorld.create();
});
afterEach(() => world.stop());

/** A second client, on the runtime's socket. */
async function connectTo(path: string): Promise<{ peer: JsonRpcPeer<RpcRequests>; events: SessionEvent[] }> {
  await until(() => existsSync(path));
  const socket = connect(path);
  const peer = new JsonRpcPeer<RpcRequests>(new LineTransport(socket, socket));
  const events: SessionEvent[] = [];
  peer.onNotification('SessionEvent', (event: SessionEvent) => void events.push(event));
  peer.start();
  await peer.request('initialize', { protocolVersion: 1, clientInfo: { name: 'second', version: '1' } });
  peer.notify('initialized', {});
  return { peer, events };
}

describe('a second client on the socket', () => {
  it('gets events from now on, the earlier ones when it asks, and its answer to an approval is heard by everybody', async () => {
    const path = join(world.home, 'runtime.sock');
    world.gateway.say([
      { calls: [{ name: 'RunCommand', arguments: { command: 'node -e "console.log(1)"' } }] },
      { text: 'Ran.' },
    ]);
    const { runtime, sessionId } = await world.startSession({ STEWARD_RUNTIME_SOCKET: path });
    const taskId = await startTask(runtime, sessionId, 'Run');
    await runtime.event('approval_requested');
    const second = await connectTo(path);

    const { pendingApprovals, lastSeq } = await second.peer.request('GetSessionState', { sessionId });
    const { approvalId, actionDigest } = pendingApprovals[0]!;
    await second.peer.request('ApproveAction', { approvalId, actionDigest, decision: 'approved' });
    await runtime.ended(taskId);
    await until(() => second.events.some(({ eventType }) => eventType === 'task_completed'));
    const { events } = await second.peer.request('GetEvents', { sessionId, fromSeq: 1 });
    second.peer.close();

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(second.events[0]!.seq).toBe(lastSeq + 1);
    expect(
      runtime.events.some(
        ({ eventType, payload }) => eventType === 'approval_resolved' && payload['approvalId'] === approvalId,
      ),
    ).toBe(true);
    expect(events.map(({ eventId }) => eventId)).toEqual(runtime.events.map(({ eventId }) => eventId));
  });

  it('finds the work going on after the first client went away', async () => {
    const path = join(world.home, 'runtime.sock');
    let answer = (): void => undefined;
    world.gateway.say([{ text: 'Late.', until: new Promise<void>((resolve) => (answer = resolve)) }]);
    const { runtime, sessionId } = await world.startSession({ STEWARD_RUNTIME_SOCKET: path });
    await startTask(runtime, sessionId, 'Wait');
    runtime.child.stdin.end();
    const second = await connectTo(path);

    const state = await second.peer.request('GetSessionState', { sessionId });
    answer();
    await until(() => second.events.some(({ eventType }) => eventType === 'task_completed'));

    expect(state.task?.status).toBe('WAITING_FOR_LLM');
    await second.peer.request('Shutdown', {});
  });
});

describe('a client that reads slowly', () => {
  it('gets every event in the end, while the work goes on', async () => {
    world.gateway.say((_request, index) =>
      index < 30
        ? { text: 'x'.repeat(20_000), calls: [{ name: 'ReadFile', arguments: { path: 'big.txt' } }] }
        : { text: 'Done.' },
    );
    world.write('big.txt', 'y'.repeat(25_000));
    const { runtime, sessionId } = await world.startSession();
    runtime.child.stdout.pause();
    const started = runtime.peer.request('StartTask', { sessionId, prompt: 'Read a lot' });
    await until(() => world.gateway.requests.length === 31);
    await until(() => world.services.historyOf(sessionId) !== undefined);

    runtime.child.stdout.resume();
    await started;
    await runtime.event('task_completed');

    expect(runtime.events.map(({ seq }) => seq)).toEqual(runtime.events.map((_, index) => index + 1));
    expect(runtime.events.filter(({ eventType }) => eventType === 'message_completed')).toHaveLength(61);
  });
});

describe('a conversation that ended while the services were away', () => {
  it('is sent by the next runtime of the same person, and its journal is removed then', async () => {
    const { runtime, sessionId } = await world.startSession();
    await runTask(runtime, sessionId, 'Hello');
    world.services.intercept = () => 'drop';
    await runtime.peer.request('Shutdown', { completeSession: true });
    const journal = join(world.home, 'runtime', 'sessions', sessionId);
    const kept = existsSync(journal);
    world.services.intercept = () => undefined;

    await world.startSession();
    await until(() => !existsSync(journal));

    expect(kept).toBe(true);
    expect(world.services.sessions.get(sessionId)?.status).toBe('SESSION_COMPLETED');
    expect(world.services.historyOf(sessionId)?.messages).toHaveLength(2);
    expect(
      [...world.services.events.values()]
        .filter((event) => event.sessionId === sessionId)
        .map(({ eventType }) => eventType),
    ).toContain('session_completed');
  });
});
