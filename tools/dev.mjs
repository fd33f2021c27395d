/**
 * `npm run dev`: the whole stack, rebuilt and restarted part by part as sources change, and the renderer with hot
 * reload. Takes the options of `npm start`. Ctrl-C stops everything.
 */
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { checkNode, ensureInstalled } from './setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const WATCHED = [
  'platform',
  'backend-session',
  'backend-policy',
  'backend-workspace',
  'backend-approval',
  'backend-observability',
  'backend-tools',
  'agent-runtime',
  'desktop/host',
  'desktop/shells',
  'infra/local',
];
// The renderer is served from its sources.
const PARTS = ['services', 'infra', 'shell-web', 'agent-runtime'];
const QUIET_MS = 60;
const say = (sentence) => process.stderr.write(`${sentence}\n`);

checkNode();
await ensureInstalled();
await build();

const stack = spawn(
  process.execPath,
  [
    '--enable-source-maps',
    join(root, 'dist/infra/stack.js'),
    '--no-open',
    '--json',
    '--watch',
    ...process.argv.slice(2),
  ],
  {
    stdio: ['inherit', 'pipe', 'inherit', 'ipc'],
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stack.kill(signal));

let building = Promise.resolve();
let timer;
const watchers = WATCHED.map((folder) =>
  watch(join(root, folder), { recursive: true }, (_event, path) => {
    if (
      path === null ||
      /(^|[/\\])(node_modules|dist|test)([/\\]|$)/.test(path) ||
      !/\.(ts|js|mjs|json|yaml)$/.test(path)
    )
      return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      building = building.then(() => build({ only: PARTS })).catch((error) => say(error.message));
    }, QUIET_MS);
  }),
);

let renderer;
createInterface({ input: stack.stdout }).once('line', async (line) => {
  const { app } = JSON.parse(line);
  const shell = new URL(app);
  process.env.STEWARD_WEB_SHELL = shell.origin;
  const { createServer } = await import('vite');
  renderer = await createServer({ root: join(root, 'desktop/app'), server: { host: '127.0.0.1', port: 5173 } });
  await renderer.listen();
  say(`The app with hot reload: ${renderer.resolvedUrls.local[0]}${shell.search}`);
});

stack.once('exit', (code, signal) => {
  for (const watcher of watchers) watcher.close();
  void (renderer?.close() ?? Promise.resolve()).finally(() => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
});
