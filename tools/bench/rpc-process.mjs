/** Drives an agent runtime, or the floor, over JSON-RPC on stdio. */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * Starts a process; `spawnedAt` is the moment before. With `ask: true` it has a channel on which `ask(question)` gets
 * its answers from a module that it was told to import.
 */
export function startRpcProcess(command, env, { ask = false } = {}) {
  const spawnedAt = performance.now();
  const stdio = ['pipe', 'pipe', 'pipe', ...(ask ? ['ipc'] : [])];
  const child = spawn(command[0], command.slice(1), { env, stdio });
  const pending = new Map();
  const waiting = [];
  let errors = '';
  let nextId = 1;
  child.stderr.on('data', (text) => (errors = (errors + text).slice(-4000)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line);
    if (message.id !== undefined) {
      const { resolve, reject } = pending.get(message.id);
      pending.delete(message.id);
      if (message.error) reject(new Error(`${message.error.message} ${JSON.stringify(message.error.data ?? '')}`));
      else resolve(message.result);
      return;
    }
    const type = message.params?.eventType;
    for (const entry of [...waiting]) {
      if (!entry.types.includes(type)) continue;
      waiting.splice(waiting.indexOf(entry), 1);
      entry.resolve(message.params);
    }
  });
  child.once('exit', (code) => {
    for (const { reject } of pending.values()) reject(new Error(`The process ended with ${code}: ${errors}`));
    for (const { reject } of waiting) reject(new Error(`The process ended with ${code}: ${errors}`));
  });
  const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  return {
    spawnedAt,
    pid: child.pid,
    call: (method, params = {}) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        pending.set(id, { resolve, reject });
        send({ id, method, params });
      }),
    notify: (method, params = {}) => send({ method, params }),
    event: (...types) => new Promise((resolve, reject) => waiting.push({ types, resolve, reject })),
    ask: (question) =>
      new Promise((resolve, reject) => {
        child.once('message', resolve);
        child.send(question, (error) => error && reject(error));
      }),
    /** Open file descriptors; 0 where the system does not tell. */
    descriptors() {
      try {
        return readdirSync(`/proc/${child.pid}/fd`).length;
      } catch {
        return 0;
      }
    },
    /** Resident memory in MB; 0 where the system does not tell. */
    memoryMb() {
      try {
        return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024;
      } catch {
        return 0;
      }
    },
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.kill('SIGKILL');
      }),
  };
}
