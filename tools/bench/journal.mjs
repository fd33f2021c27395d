/** What the journal costs and gives: a step with and without its flush, coming back, sending what waited. */
import { readFileSync, readdirSync } from 'node:fs';
import { request, Agent } from 'node:https';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSource } from './load-source.mjs';
import { createSession, startRuntime, waitUntilSent, workThrough } from './runtime-session.mjs';
import { tokenFor } from './stack.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const read = () => ({ tool: 'ReadFile', args: { path: 'notes.txt' } });
const auditBatch = 100;
/** Nobody listens there, so that everything waits. */
const nobody = 'https://127.0.0.1:9/v1';

/** Milliseconds of steps that read, with the journal's flushes and without them, in turns. */
export async function measureFlush(stack, model, project, { rounds, steps }) {
  const times = { flushed: [], unflushed: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ['flushed', 'unflushed']) {
      const flags = kind === 'flushed' ? [] : ['--import', join(here, 'without-flush.mjs')];
      const rpc = await startRuntime(stack, model, { flags });
      const sessionId = await createSession(rpc, project);
      times[kind].push(...(await workThrough(rpc, model, sessionId, steps, read)));
      await rpc.stop();
    }
  }
  return times;
}

/**
 * Milliseconds from the call of ResumeSession to its answer, for a conversation of so many steps whose runtime was killed,
 * each time in a new process; beside them the bare reading and parsing of its journal in this process.
 */
export async function measureResume(stack, model, project, { steps, times }) {
  const first = await startRuntime(stack, model);
  const sessionId = await createSession(first, project);
  await workThrough(first, model, sessionId, steps, read);
  await waitUntilSent(first, sessionId);
  await first.stop();
  const journal = findJournal(stack.ready.home, sessionId);
  const result = { resumed: [], bare: [], bytes: 0, messages: 0 };
  for (let time = 0; time < times; time += 1) {
    const rpc = await startRuntime(stack, model);
    const from = performance.now();
    const { messages } = await rpc.call('ResumeSession', { sessionId, continueTask: false });
    result.resumed.push(performance.now() - from);
    result.messages = messages;
    await rpc.stop();
    const bareFrom = performance.now();
    const lines = readFileSync(journal, 'utf8').split('\n');
    for (const line of lines) if (line !== '') JSON.parse(line.slice(line.indexOf('{')));
    result.bare.push(performance.now() - bareFrom);
    result.bytes = readFileSync(journal).length;
  }
  return result;
}

/**
 * How fast events that waited on the disk reach the Audit Service, and how fast the same events do from a bare client
 * that sends batches of the same size one after the other. In events that the service stores per second.
 */
export async function measureDrain(stack, model, project, { steps }) {
  const cut = await startRuntime(stack, model, { env: { AUDIT_SERVICE_URL: nobody } });
  const sessionId = await createSession(cut, project);
  await workThrough(cut, model, sessionId, steps, read);
  const events = await allEvents(cut, sessionId);
  await cut.stop();
  const { module, remove } = await loadSource({
    text: `export { auditEnvelope, isAudited } from './agent-runtime/agent-host/src/outbox/audit-envelope.ts';
      export { newId } from '@steward/sdk';`,
  });
  try {
    const { auditEnvelope, isAudited, newId } = module;
    const audited = events.map((event) => JSON.stringify(event)).filter(isAudited);
    const rpc = await startRuntime(stack, model);
    await rpc.call('ResumeSession', { sessionId, continueTask: false });
    const from = performance.now();
    await waitUntilSent(rpc, sessionId);
    const runtimeMs = performance.now() - from;
    await rpc.stop();
    const identity = { tenantId: 'acme', userId: 'alice' };
    const envelopes = audited.map((json) => ({
      ...auditEnvelope(json, identity, (text) => text),
      eventId: newId('evt'),
    }));
    const bareMs = await sendBare(stack.ready, envelopes);
    const perSecond = (milliseconds) => audited.length / (milliseconds / 1_000);
    return { events: audited.length, runtime: perSecond(runtimeMs), bare: perSecond(bareMs) };
  } finally {
    remove();
  }
}

async function allEvents(rpc, sessionId) {
  const events = [];
  for (let fromSeq = 1; fromSeq !== undefined;) {
    const page = await rpc.call('GetEvents', { sessionId, fromSeq, limit: 1_000 });
    events.push(...page.events);
    fromSeq = page.nextFromSeq;
  }
  return events;
}

async function sendBare({ services, caFile, home }, envelopes) {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(caFile) });
  const token = tokenFor(home);
  const post = (events) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ events });
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      const call = request(`${services.audit}/audit/events`, { method: 'POST', agent, headers }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => (text += chunk));
        answer.on('end', () =>
          answer.statusCode < 300 ? resolve() : reject(new Error(`${answer.statusCode} ${text.slice(0, 500)}`)),
        );
      });
      call.on('error', reject);
      call.end(body);
    });
  try {
    const from = performance.now();
    for (let sent = 0; sent < envelopes.length; sent += auditBatch)
      await post(envelopes.slice(sent, sent + auditBatch));
    return performance.now() - from;
  } finally {
    agent.destroy();
  }
}

function findJournal(folder, sessionId) {
  const found = readdirSync(folder, { recursive: true }).find((name) =>
    name.endsWith(join('sessions', sessionId, 'journal.log')),
  );
  if (found === undefined) throw new Error(`The journal of ${sessionId} is not below ${folder}.`);
  return join(folder, found);
}
