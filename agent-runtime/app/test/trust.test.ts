import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PendingApproval } from '@steward/contracts';
import { starterPolicies } from '@steward/policy-engine';
import { buildBundle } from './support/build-bundle.ts';
import type { RuntimeProcess } from './support/runtime-process.ts';
import { RuntimeWorld, runTask, startTask } from './support/runtime-world.ts';

let world: RuntimeWorld;
beforeAll(buildBundle);
beforeEach(async () => {
  world = await RuntimeWorld.create();
  const { capabilities, approvalRules, zone } = starterPolicies['Trusted project']!;
  world.services.bundle = { capabilities, approvalRules: approvalRules ?? [], zone: zone ?? 'sandbox' };
});
afterEach(() => world.stop());

const command = 'mkdir made';

async function open(folderTrusted?: boolean): Promise<{ runtime: RuntimeProcess; sessionId: string }> {
  const runtime = await world.start();
  const { sessionId } = await runtime.createSession(
    world.project,
    folderTrusted === undefined ? { folderTrusted: false } : { folderTrusted },
  );
  return { runtime, sessionId };
}

/** Starts a task with the command and returns what a person is asked. */
async function asked(runtime: RuntimeProcess, sessionId: string): Promise<PendingApproval> {
  await startTask(runtime, sessionId, 'Make it');
  return ((await runtime.event('approval_requested')).payload as { approval: PendingApproval }).approval;
}

describe('an untrusted folder', () => {
  beforeEach(() => world.gateway.say([{ calls: [{ name: 'RunCommand', arguments: { command } }] }, { text: 'Done.' }]));

  it('makes a command that may run its content wait for a person', async () => {
    const { runtime, sessionId } = await open();

    const approval = await asked(runtime, sessionId);

    expect(approval.reasonCodes).toEqual(['FOLDER_NOT_TRUSTED']);
    expect(existsSync(join(world.project, 'made'))).toBe(false);
    expect(await runtime.peer.request('GetSessionState', { sessionId })).toMatchObject({ folderTrusted: false });
  });

  it('runs it without asking once the folder is trusted, says so once, and remembers it over a crash', async () => {
    const { runtime, sessionId } = await open();

    const first = await runtime.peer.request('SetFolderTrust', { sessionId, trusted: true });
    const second = await runtime.peer.request('SetFolderTrust', { sessionId, trusted: true });
    const end = await runTask(runtime, sessionId, 'Make it');
    await runtime.kill();
    const next = await world.start();
    await next.peer.request('ResumeSession', { sessionId });
    const state = await next.peer.request('GetSessionState', { sessionId });

    expect([first, second]).toEqual([
      { trusted: true, changed: true },
      { trusted: true, changed: false },
    ]);
    expect(end.eventType).toBe('task_completed');
    expect(existsSync(join(world.project, 'made'))).toBe(true);
    expect(
      runtime.events.filter(({ eventType }) => eventType === 'folder_trust_changed').map(({ payload }) => payload),
    ).toEqual([{ trusted: true }]);
    expect(state).toMatchObject({ folderTrusted: true });
  });

  it('is not trusted any more when a resume says so', async () => {
    const { runtime, sessionId } = await open(true);
    await runtime.kill();
    const next = await world.start();

    await next.peer.request('ResumeSession', { sessionId, folderTrusted: false });
    const approval = await asked(next, sessionId);

    expect(approval.reasonCodes).toEqual(['FOLDER_NOT_TRUSTED']);
  });

  it('is no part of the handshake with the services', async () => {
    await open(true);

    // Events tell it, with the decisions that were made from it.
    const handshakes = world.services.calls.filter(({ path }) => path === '/sessions');

    expect(handshakes).toHaveLength(1);
    expect(JSON.stringify(handshakes)).not.toMatch(/trusted/i);
  });
});

describe('a conversation without a folder', () => {
  it('has nothing to trust', async () => {
    const runtime = await world.start();
    const { sessionId } = await runtime.createSession();

    const answer = runtime.peer.request('SetFolderTrust', { sessionId, trusted: true });

    await expect(answer).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await runtime.peer.request('GetSessionState', { sessionId })).not.toHaveProperty('folderTrusted');
  });
});

describe('a machine without a sandbox', () => {
  it('asks about every command, and runs none where the policy says so', async () => {
    world.gateway.say([{ calls: [{ name: 'RunCommand', arguments: { command: 'ls' } }] }, { text: 'Done.' }]);
    const bare = await world.startSession({ STEWARD_SANDBOX: 'off' });
    const approval = await asked(bare.runtime, bare.sessionId);
    await bare.runtime.kill();
    const { capabilities } = starterPolicies['Read only']!;
    world.services.bundle = { capabilities };
    const strict = await world.startSession({ STEWARD_SANDBOX: 'off' });
    world.gateway.say([{ calls: [{ name: 'RunCommand', arguments: { command: 'ls' } }] }, { text: 'Done.' }]);

    await runTask(strict.runtime, strict.sessionId, 'Look');

    expect(approval.reasonCodes).toEqual(['NO_SANDBOX']);
    expect(strict.runtime.events.find(({ eventType }) => eventType === 'tool_completed')?.payload).toMatchObject({
      status: 'denied',
      error: { details: { reasonCodes: ['NO_SANDBOX'] } },
    });
  });
});

describe('a secret that tools use by name', () => {
  const value = 'correct-horse-battery-42';
  let server: Server;
  const received: (string | undefined)[] = [];
  const at = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

  beforeEach(async () => {
    received.length = 0;
    server = createServer((request, response) => {
      received.push(request.headers.authorization);
      response.end(`echo ${String(request.headers.authorization)} ${Buffer.from(value).toString('base64')}`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    world.services.bundle = {
      ...world.services.bundle,
      approvalRules: [],
      capabilities: [
        { name: 'LLM.Call', requiresApproval: false },
        { name: 'File.Read', allowedPaths: ['${workspace}'], requiresApproval: false },
        { name: 'Shell.Exec', allowedCommands: ['printenv'], requiresApproval: true, unlisted: 'require_approval' },
        { name: 'Network.Http', allowedDomains: [at()], allowedSchemes: ['http'], requiresApproval: false },
      ],
    };
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('reaches the tool and is nowhere else: not in events, approvals, the journal, nor what the model or a service gets', async () => {
    const { runtime, sessionId } = await world.startSession();
    await runtime.peer.request('SetSecrets', {
      secrets: [{ name: 'deploy', value, allowedHosts: [at()], allowedCommands: ['printenv'] }],
    });
    world.gateway.say([
      {
        calls: [
          {
            name: 'RunCommand',
            arguments: { command: 'printenv DEPLOY_TOKEN', env: { DEPLOY_TOKEN: 'secret://deploy' } },
          },
        ],
      },
      {
        calls: [
          {
            name: 'HttpRequest',
            arguments: {
              method: 'GET',
              url: `http://${at()}/`,
              headers: { authorization: 'Bearer {secret://deploy}' },
            },
          },
        ],
      },
      { text: 'Done.' },
    ]);

    const approval = await asked(runtime, sessionId);
    await runtime.peer.request('ApproveAction', {
      sessionId,
      approvalId: approval.approvalId,
      actionDigest: approval.actionDigest,
      decision: 'approved',
    });
    await runtime.event('task_completed');

    const results = runtime.events.flatMap(({ eventType, payload }) =>
      eventType === 'tool_completed' ? [payload['outputText']] : [],
    );
    const kept = filesBelow(world.home).map((file) => readFileSync(file, 'latin1'));
    const elsewhere = [
      JSON.stringify(runtime.events),
      JSON.stringify(world.gateway.requests),
      JSON.stringify([world.services.calls, ...world.services.events.values()]),
      ...[...world.services.artifacts.values()].map(({ content }) => content.toString('latin1')),
      runtime.stderr,
      ...kept,
    ].join('\n');
    expect(received).toEqual([`Bearer ${value}`]);
    expect(results).toEqual([
      '[redacted: secret deploy]\n',
      expect.stringContaining('echo Bearer [redacted: secret deploy] [redacted: secret deploy]'),
    ]);
    expect(approval.details).toMatchObject({ arguments: { env: { DEPLOY_TOKEN: 'secret://deploy' } } });
    expect(elsewhere).toContain('secret://deploy');
    expect(elsewhere).not.toContain(value);
    expect(elsewhere).not.toContain(Buffer.from(value).toString('base64'));
  });

  it('is not repeated in the answer to a call that is not understood', async () => {
    const { runtime } = await world.startSession();

    const answer = await runtime.peer
      .request('SetSecrets', { secrets: [{ name: 'Not A Name', value }] })
      .catch((error: unknown) => error as Error);

    expect(answer).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(JSON.stringify(answer) + String((answer as Error).message) + runtime.stderr).not.toContain(value);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
}
