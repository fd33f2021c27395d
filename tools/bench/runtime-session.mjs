import { startRpcProcess } from './rpc-process.mjs';
import { tokenFor } from './stack.mjs';

const ends = ['task_completed', 'task_failed', 'session_paused', 'approval_requested'];
/** Steps that one task may take. */
const taskSteps = 500;

/**
 * Starts a runtime against the stack and greets it. `flags` are those of node, `env` overrides what the stack says.
 * @returns the process as `startRpcProcess` gives it, with `initialized`, the milliseconds from its start to the answer
 */
export async function startRuntime(stack, model, { flags = [], env = {}, ask = false } = {}) {
  const { runtime, home } = stack.ready;
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ...runtime.env,
    LLM_GATEWAY_ENDPOINT: model.endpoint,
    LLM_GATEWAY_AUTH_TOKEN: 'bench',
    STEWARD_MODEL: 'steward-demo',
    ...env,
  };
  const accessToken = tokenFor(home);
  const rpc = startRpcProcess([process.execPath, ...flags, ...runtime.command.slice(1)], environment, { ask });
  await rpc.call('initialize', {
    protocolVersion: 1,
    clientInfo: { name: 'bench', version: '1.0.0' },
    capabilities: {},
    credentials: { accessToken },
  });
  const initialized = performance.now() - rpc.spawnedAt;
  rpc.notify('initialized');
  return Object.assign(rpc, { initialized });
}

/** Creates a conversation over a project folder and gives its id. */
export async function createSession(rpc, project) {
  const { sessionId } = await rpc.call('CreateSession', {
    executionEnvironment: 'desktop',
    workspaceHint: { localPaths: [project] },
    clientInfo: { desktopAppVersion: '0.1.0', localAgentHostVersion: '0.1.0', osFamily: 'Linux' },
    supportedCapabilities: ['File.Read', 'File.Write', 'Shell.Exec', 'LLM.Call'],
  });
  return sessionId;
}

/**
 * Lets the conversation work through `steps` steps, in as many tasks as they need. `callAt(step)`, from 1 on, gives the
 * call of each. @returns the overhead of each step in milliseconds, as the model's server sees it
 */
export async function workThrough(rpc, model, sessionId, steps, callAt) {
  const overheads = [];
  for (let done = 0; done < steps; done += taskSteps) {
    const count = Math.min(taskSteps, steps - done);
    model.arm({ steps: count, at: (step) => callAt(done + step) });
    const ended = rpc.event(...ends);
    await rpc.call('StartTask', { sessionId, prompt: 'go', taskOptions: { maxSteps: count + 10 } });
    const end = await ended;
    if (end.eventType !== 'task_completed') throw new Error(`The task ended with ${JSON.stringify(end)}`);
    overheads.push(...model.run().overheads);
  }
  return overheads;
}

/** Resolves once nothing waits to be sent; rejects when that takes longer than `patienceMs`. */
export async function waitUntilSent(rpc, sessionId, patienceMs = 120_000) {
  for (const from = performance.now(); ;) {
    const { outbox } = await rpc.call('GetSessionState', { sessionId });
    if (outbox.waiting === 0) return;
    if (performance.now() - from > patienceMs) throw new Error(`${outbox.waiting} items still wait to be sent.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
