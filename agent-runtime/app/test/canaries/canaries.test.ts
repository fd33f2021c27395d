/**
 * One secret of each kind through every way in, and a look into every way out for any of them. Where a secret has to
 * stay in clear so that something works, that place is named in `inClear`.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Capability, PendingApproval } from '@steward/contracts';
import { starterPolicies } from '@steward/policy-engine';
import { buildBundle } from '../support/build-bundle.ts';
import { McpTestServer } from '../support/mcp-server.ts';
import type { RuntimeProcess } from '../support/runtime-process.ts';
import { RuntimeWorld, runTask, startTask } from '../support/runtime-world.ts';
import { canariesFor, textOf, type Canary } from './canaries.ts';

const places = [
  'file',
  'search',
  'written',
  'edited',
  'output',
  'long output',
  'error output',
  'http answer',
  'http header',
  'mcp result',
  'prompt',
  'model text',
  'model call',
  'failing path',
  'gateway error',
  'environment',
  'named',
] as const;
type PlaceName = (typeof places)[number];

const root = join(fileURLToPath(import.meta.url), '..', '..', '..', '..');
const planted = new Map<PlaceName, Canary[]>(places.map((place) => [place, canariesFor(place)]));
const textAt = (place: PlaceName): string => textOf(planted.get(place)!);
const first = (place: PlaceName): string => planted.get(place)![1]!.secret;

/**
 * What is there in clear, since nothing works without: the person's own files, their content before a change so that it
 * can be undone, and in the journal, private to the person and gone with the session, the arguments of calls, since an
 * interrupted call is run as it was decided. What the model makes up is on the screen while it is being written; what is
 * kept of it is clean.
 */
const inClear: readonly (readonly [sink: RegExp, places: readonly PlaceName[]])[] = [
  [/^project\//, places],
  [/^home[^/]*\/runtime\/sessions\/[^/]+\/tools\/contents\//, places],
  [/^home[^/]*\/runtime\/sessions\/[^/]+\/journal\.log$/, ['written', 'model call', 'failing path', 'model text']],
  [/^event text_chunk$|^npm run journal|^home[^/]*\/runtime\/sessions\/[^/]+\/journal\.log$/, ['model text']],
];
const mayHold = (sink: string, place: PlaceName): boolean =>
  inClear.some(([pattern, allowed]) => pattern.test(sink) && allowed.includes(place));

const allow = (name: Capability['name'], more: Partial<Capability> = {}): Capability => ({
  name,
  requiresApproval: false,
  unlisted: 'deny',
  ...more,
});

/** Everything that left the runtime or that it left behind, by the name of the place. */
const sinks = new Map<string, string>();
let eventTypes: string[] = [];
let toolOutputs: string[] = [];

function filesBelow(folder: string, name: string): void {
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, entry);
    const at = `${name}/${relative(folder, path)}`;
    if (statSync(path).isFile()) sinks.set(at, readFileSync(path, 'latin1'));
  }
}

/** A person who allows everything, so that every call really runs. */
async function approveAll(runtime: RuntimeProcess, sessionId: string): Promise<void> {
  const answered = new Set<string>();
  for (;;) {
    const { payload } = await runtime.event(
      ({ eventType, payload: { approval } }) =>
        eventType === 'approval_requested' && !answered.has((approval as PendingApproval).approvalId),
    );
    const { approvalId, actionDigest } = payload['approval'] as PendingApproval;
    answered.add(approvalId);
    await runtime.peer.request('ApproveAction', {
      sessionId,
      approvalId,
      actionDigest,
      decision: 'approved',
      scope: 'once',
    });
  }
}

async function printJournals(home: string): Promise<void> {
  const { buildJournalCommand } = (await import(join(root, 'build', 'build.mjs'))) as {
    buildJournalCommand: () => Promise<string>;
  };
  const command = await buildJournalCommand();
  const journals = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /(?:^|\/)journal[^/]*$|\.journal$/.test(file),
  );
  expect(journals.length).toBeGreaterThan(0);
  for (const file of journals)
    for (const args of [['print', '--full'], ['print', '--json'], ['verify']]) {
      const { stdout, stderr } = spawnSync(process.execPath, [command, ...args, join(home, file)], {
        encoding: 'utf8',
      });
      sinks.set(`npm run journal -- ${args.join(' ')}`, stdout + stderr);
    }
}

beforeAll(async () => {
  await buildBundle();
  const world = await RuntimeWorld.create();
  const web = createServer((_request, response) =>
    response
      .writeHead(200, { 'content-type': 'text/plain', link: `<x>; title="${first('http header')}"` })
      .end(textAt('http answer')),
  );
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const host = `127.0.0.1:${(web.address() as AddressInfo).port}`;
  const server = await McpTestServer.start([
    { name: 'say', description: 'Says it', inputSchema: { type: 'object', properties: {} } },
  ]);
  server.answer = () => textAt('mcp result');
  const base = starterPolicies['Careful developer']!;
  world.services.bundle = {
    capabilities: [
      allow('File.Read', { allowedPaths: ['${workspace}'] }),
      allow('File.Write', { allowedPaths: ['${workspace}'] }),
      allow('Shell.Exec', { allowedCommands: ['cat', 'env', 'sh', 'ls', 'seq'], unlisted: 'require_approval' }),
      allow('Network.Http', { allowedDomains: [host], allowedSchemes: ['http'] }),
      allow('Workspace.Upload'),
      allow('BackendTool.Invoke', { allowedToolNames: ['local/*'], readOnlyToolNames: ['local/*'] }),
      ...base.capabilities.filter(({ name }) => name === 'LLM.Call'),
    ],
    approvalRules: [],
    mcpServers: [server.pinned('local')],
  };
  world.write('notes.txt', textAt('file'));
  world.write('found.txt', textAt('search'));
  world.write('edited.txt', `${textAt('edited')}\nlast line\n`);
  world.write('output.txt', textAt('output'));
  world.write('long.txt', `${textAt('long output')}${'and so on and so on\n'.repeat(20_000)}${textAt('long output')}`);
  world.write('errors.txt', textAt('error output'));
  const call = (name: string, args: object) => ({ name, arguments: args });
  const answers = [
    { calls: [call('ReadFile', { path: 'notes.txt' }), call('SearchText', { pattern: 'line', path: 'found.txt' })] },
    { calls: [call('WriteFile', { path: 'written.txt', content: textAt('written') })] },
    { calls: [call('EditFile', { path: 'edited.txt', oldText: 'last line', newText: 'very last line' })] },
    { calls: [call('RunCommand', { command: 'cat output.txt' }), call('RunCommand', { command: 'cat long.txt' })] },
    { calls: [call('RunCommand', { command: 'cat errors.txt >&2; exit 3' }), call('RunCommand', { command: 'env' })] },
    { calls: [call('HttpRequest', { method: 'GET', url: `http://${host}/` }), call('local__say', {})] },
    { calls: [call('ReadFile', { path: `${first('failing path')}.txt` })] },
    {
      calls: [
        call('RunCommand', { command: `ls ${first('model call')}` }),
        call('HttpRequest', { method: 'POST', url: `http://${host}/`, body: textAt('model call') }),
        call('UploadArtifact', { name: 'a.txt', content: textAt('model call') }),
        call('NoSuchTool', { text: textAt('model call') }),
      ],
    },
    { text: textAt('model text') },
  ];
  let turn = 0;
  world.gateway.say(() =>
    turn < answers.length
      ? answers[turn++]!
      : { status: 400, body: JSON.stringify({ error: { message: textAt('gateway error') } }) },
  );
  const runtime = await world.start({
    CANARY_TOKEN: first('environment'),
    NPM_TOKEN: textAt('environment').replaceAll('\n', ' '),
    LLM_GATEWAY_AUTH_TOKEN: world.gateway.token,
  });
  const named = [...planted.get('named')!].map(({ secret }, index) => ({
    name: `name-${index}`,
    value: secret,
    allowedHosts: [host],
  }));
  await runtime.peer.request('SetSecrets', { secrets: named });
  world.write('named.txt', named.map(({ value }) => value).join('\n'));
  answers.splice(5, 0, {
    calls: [
      call('ReadFile', { path: 'named.txt' }),
      call('HttpRequest', { method: 'GET', url: `http://${host}/`, headers: { 'x-key': 'secret://name-1' } }),
    ],
  });
  const { sessionId } = await runtime.createSession(world.project);
  await runtime.event('remote_tools_changed');

  void approveAll(runtime, sessionId);
  await runTask(runtime, sessionId, `Look at all of it.\n${textAt('prompt')}`);
  await startTask(runtime, sessionId, 'And once more.');
  await runtime.event(({ eventType }) => eventType === 'task_failed' || eventType === 'session_paused');

  const preview = runtime.events.find(({ eventType }) => eventType === 'task_started')!.taskId!;
  sinks.set(
    'patch preview',
    JSON.stringify(await runtime.peer.request('GetPatchPreview', { sessionId, taskId: preview })),
  );
  sinks.set('state', JSON.stringify(await runtime.peer.request('GetSessionState', { sessionId })));
  sinks.set('messages', JSON.stringify(await runtime.peer.request('GetMessages', { sessionId })));
  filesBelow(world.home, 'home');
  filesBelow(world.project, 'project');
  await printJournals(world.home);
  await runtime.stop();
  for (const event of runtime.events) {
    const at = `event ${event.eventType}`;
    sinks.set(at, (sinks.get(at) ?? '') + JSON.stringify(event));
  }
  eventTypes = runtime.events.map(({ eventType }) => eventType);
  toolOutputs = runtime.events.flatMap(({ eventType, payload }) =>
    eventType === 'tool_completed' ? [String(payload['outputText'])] : [],
  );
  sinks.set('log lines', runtime.stderr);
  for (const { body } of world.gateway.requests)
    sinks.set('prompts', (sinks.get('prompts') ?? '') + JSON.stringify(body));
  for (const { method, path, body } of world.services.calls) {
    const at = `${method} ${path.replaceAll(/[a-z]+_[0-9A-Z]{26}/g, 'id')}`;
    sinks.set(at, (sinks.get(at) ?? '') + JSON.stringify(body));
  }
  for (const { facts, content } of world.services.artifacts.values()) {
    const at = `artifact ${String(facts['artifactType'])}`;
    sinks.set(at, (sinks.get(at) ?? '') + JSON.stringify(facts) + content.toString('latin1'));
  }
  filesBelow(world.home, 'home afterwards');
  web.close();
  await server.stop();
  await world.stop();
}, 600_000);
afterAll(() => sinks.clear());

describe('A secret of each kind, from every way in', () => {
  it('was really met: every way in was used and every way out has something in it', () => {
    expect([...sinks.keys()].sort()).toEqual(
      expect.arrayContaining([
        'artifact session_history',
        'artifact tool_output',
        'event decision_recorded',
        'event tool_completed',
        'event user_message',
        'log lines',
        'messages',
        'npm run journal -- print --full',
        'patch preview',
        'POST /audit/events',
        'POST /telemetry/events',
        'prompts',
      ]),
    );
    expect(eventTypes.filter((type) => type === 'tool_completed').length).toBeGreaterThanOrEqual(15);
  });

  it.each(places)('is in no byte of any way out: %s', (place) => {
    // A key of several lines is looked for in one of them.
    const seen = [...sinks].flatMap(([sink, text]) =>
      planted
        .get(place)!
        .filter(({ secret }) => text.includes(secret) && !mayHold(sink, place))
        .map(({ kind }) => `${kind} in ${sink}`),
    );

    expect(seen).toEqual([]);
  });

  it.each(['file', 'output', 'http answer', 'mcp result'] as const)('leaves a marker with its kind: %s', (place) => {
    const kinds = planted.get(place)!.map(({ kind }) => kind);
    const shown = toolOutputs.find((text) => kinds.every((kind) => text.includes(`[redacted: ${kind}]`)));

    expect(shown).toBeDefined();
  });
});
