/**
 * Runs inside the sandbox as a container engine would outside: starts the image's program, asks its health check until
 * it answers or the program ends, stops it, and says what was seen.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const node = '/usr/local/bin/node';
const service = spawn(node, ['/app/start.js'], { stdio: ['ignore', 'ignore', 'inherit'] });
const ended = new Promise((resolve) => service.once('exit', resolve));

let healthy = false;
while (!healthy && service.exitCode === null) {
  healthy = spawnSync(node, ['/app/healthcheck.js']).status === 0;
  if (!healthy) await wait(50);
}
const wroteOutside = ['/app/x', '/x', '/usr/local/bin/x'].some((path) => {
  try {
    writeFileSync(path, '');
    return existsSync(path);
  } catch {
    return false;
  }
});
service.kill('SIGTERM');
const code = await ended;
console.log(JSON.stringify({ healthy, wroteOutside, uid: process.getuid(), code }));
