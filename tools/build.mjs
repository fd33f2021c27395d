/**
 * Builds what runs into `dist/`: one bundle per process, the renderer, the agent runtime. A part is built only when one
 * of its inputs changed since its last build. `node tools/build.mjs [--only NAME]…`; names are listed by `--list`.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { writeOutputs, writeWhole } from './write-outputs.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const recordFile = join(dist, '.build.json');

const service = (name, folder) => ({
  name,
  group: 'services',
  entry: `${folder}/src/main.ts`,
  out: `services/${name}.js`,
});
const infra = (name, entry) => ({ name, group: 'infra', entry: `infra/local/src/${entry}`, out: `infra/${name}.js` });
const image = (name) => ({
  name: `image-${name}`,
  group: 'images',
  entry: `infra/iac/src/container/${name}.ts`,
  out: `images/${name}.js`,
});

/** Programs bundled by esbuild, one output each. */
const BUNDLES = [
  service('session', 'backend-session'),
  service('policy', 'backend-policy'),
  // Beside the service: the thread of its simulations, and the operator's command over its keys.
  {
    name: 'policy-replay-worker',
    group: 'services',
    entry: 'backend-policy/src/simulations/replay-worker.ts',
    out: 'services/policy-replay-worker.js',
  },
  {
    name: 'policy-keys',
    group: 'services',
    entry: 'backend-policy/src/keys/manage.ts',
    out: 'services/policy-keys.js',
  },
  service('workspace', 'backend-workspace'),
  service('approval', 'backend-approval'),
  service('audit', 'backend-observability/audit'),
  service('telemetry', 'backend-observability/telemetry'),
  service('tools', 'backend-tools'),
  infra('stack', 'stack/main.ts'),
  infra('identity-provider', 'identity-provider/main.ts'),
  infra('demo-gateway', 'demo-gateway/main.ts'),
  infra('token', 'token/main.ts'),
  infra('accounts', 'accounts/main.ts'),
  image('start'),
  image('healthcheck'),
  { name: 'shell-web', group: 'desktop', entry: 'desktop/shells/web/src/main.ts', out: 'shell-web.js' },
  { name: 'electron-main', group: 'desktop', entry: 'desktop/shells/electron/src/main.ts', out: 'electron/main.js' },
  {
    name: 'electron-preload',
    group: 'desktop',
    entry: 'desktop/shells/electron/src/preload.ts',
    out: 'electron/preload.cjs',
    // A sandboxed preload script can't be a module.
    format: 'cjs',
  },
];

/** Parts with a build of their own. */
const PARTS = [
  {
    name: 'agent-runtime',
    group: 'agent-runtime',
    needs: 'agent-runtime/build/build.mjs',
    inputs: ['agent-runtime', 'platform'],
    outputs: ['agent-runtime.js', 'agent-runtime'],
    run: () => runNode(join(root, 'agent-runtime/build/build.mjs'), ['--out', join(dist, 'agent-runtime.js')]),
  },
  {
    name: 'app',
    group: 'desktop',
    needs: 'desktop/app/index.html',
    inputs: ['desktop/app', 'desktop/host/src/contract', 'platform/sdk/src', 'platform/contracts'],
    outputs: ['app/index.html'],
    run: buildApp,
  },
];

/**
 * Builds stale parts, all of them or those whose name or group is in `only`. Progress goes to stderr. Throws with a
 * sentence when a part fails; parts that were built before the failure stay recorded.
 */
export async function build({ only = [] } = {}) {
  const wanted = (part) => only.length === 0 || only.includes(part.name) || only.includes(part.group);
  const unknown = only.filter(
    (name) => ![...BUNDLES, ...PARTS].some((part) => part.name === name || part.group === name),
  );
  if (unknown.length > 0)
    throw new Error(`There is no part named ${unknown.join(', ')}. See node tools/build.mjs --list.`);
  const record = readRecord();
  const context = { record, base: baseHash() };

  const bundles = BUNDLES.filter(
    (part) => wanted(part) && existsSync(join(root, part.entry)) && isStale(part, context),
  );
  const parts = PARTS.filter((part) => wanted(part) && existsSync(join(root, part.needs)) && isStale(part, context));
  const names = [...bundles, ...parts].map((part) => part.name);
  if (names.length === 0) return;

  say(`Building ${names.join(', ')}.`);
  const started = performance.now();
  mkdirSync(dist, { recursive: true });
  const results = await Promise.allSettled([
    ...['esm', 'cjs'].flatMap((format) => {
      const group = bundles.filter((part) => (part.format ?? 'esm') === format);
      return group.length === 0 ? [] : [bundleAll(group, format, context)];
    }),
    ...parts.map((part) => buildPart(part, context)),
  ]);
  writeWhole(recordFile, JSON.stringify(record));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw new Error(`The build failed: ${reasonOf(failed.reason)}`);
  say(`Built in ${((performance.now() - started) / 1000).toFixed(1)} seconds.`);
}

/** One esbuild run shares the parsing; when it fails, each part is built alone, so that one broken part stops no other. */
async function bundleAll(group, format, context) {
  if (group.length === 1) return bundle(group, format, context);
  try {
    await bundle(group, format, context, 'silent');
  } catch {
    const results = await Promise.allSettled(group.map((part) => bundle([part], format, context)));
    const failed = group.filter((_part, index) => results[index].status === 'rejected').map((part) => part.name);
    if (failed.length > 0) throw new Error(`${failed.join(', ')} can't be bundled; the reasons are above.`);
  }
}

async function bundle(group, format, context, logLevel = 'warning') {
  const { build: esbuild } = await import('esbuild');
  const result = await esbuild({
    absWorkingDir: root,
    entryPoints: group.map((part) => ({ in: part.entry, out: part.out.replace(/\.c?js$/, '') })),
    outdir: 'dist',
    outExtension: { '.js': format === 'cjs' ? '.cjs' : '.js' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format,
    sourcemap: 'linked',
    // Paths in stack traces are enough; the sources themselves are beside the bundles.
    sourcesContent: false,
    external: ['electron'],
    // Its main file loads its parts by names that no bundler can follow.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    // Bundled CommonJS packages expect these names; as globals they can't clash with a module's own.
    banner: format === 'esm' ? { js: REQUIRE_BANNER } : {},
    legalComments: 'none',
    logLevel,
    metafile: true,
    write: false,
  });
  writeOutputs(result.outputFiles);
  for (const part of group) {
    const output = result.metafile.outputs[`dist/${part.out}`];
    const inputs = Object.keys(output?.inputs ?? {}).filter(
      (path) => !path.includes('node_modules/') && existsSync(join(root, path)),
    );
    // A type-only import leaves no input, and needs no rebuild.
    context.record[part.name] = { inputs, hash: hashFiles(inputs, context.base) };
  }
}

const REQUIRE_BANNER = [
  "import { createRequire as stewardCreateRequire } from 'node:module';",
  "import { fileURLToPath as stewardFileUrlToPath } from 'node:url';",
  'globalThis.require ??= stewardCreateRequire(import.meta.url);',
  'globalThis.__filename ??= stewardFileUrlToPath(import.meta.url);',
  "globalThis.__dirname ??= stewardFileUrlToPath(new URL('.', import.meta.url));",
].join('\n');

async function buildPart(part, context) {
  const inputs = partInputs(part);
  const hash = hashFiles(inputs, context.base);
  await part.run();
  context.record[part.name] = { hash };
}

async function buildApp() {
  const { build: vite } = await import('vite');
  const folder = join(root, 'desktop/app');
  await vite({ root: folder, logLevel: 'warn', build: { outDir: join(dist, 'app'), emptyOutDir: true } });
}

function isStale(part, { record, base }) {
  const outputs = part.outputs ?? [part.out];
  if (!outputs.every((output) => existsSync(join(dist, output)))) return true;
  const known = record[part.name];
  if (known === undefined) return true;
  const inputs = part.inputs === undefined ? known.inputs : partInputs(part);
  return hashFiles(inputs, base) !== known.hash;
}

function partInputs(part) {
  return part.inputs
    .flatMap((folder) => filesUnder(join(root, folder)))
    .map((path) => relative(root, path).split(sep).join('/'));
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  const skipped = new Set(['node_modules', 'dist', 'test', 'README.md']);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !skipped.has(entry.name) && !entry.name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesUnder(path) : [path];
    });
}

/** What every part depends on: this script and the packages. */
function baseHash() {
  return hashFiles(['tools/build.mjs', 'package-lock.json'], process.platform);
}

function hashFiles(paths, start) {
  const hash = createHash('sha256').update(start);
  for (const path of paths) {
    hash.update(`\0${path}\0`);
    try {
      hash.update(readFileSync(join(root, path)));
    } catch {
      hash.update('missing');
    }
  }
  return hash.digest('hex');
}

function readRecord() {
  try {
    return JSON.parse(readFileSync(recordFile, 'utf8'));
  } catch {
    return {};
  }
}

function runNode(script, args = []) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.pipe(process.stderr, { end: false });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${relative(root, script)} failed with exit code ${code}.`)),
    );
  });
}

function reasonOf(error) {
  const message = error instanceof Error ? error.message : String(error);
  // Colours are for the builder's own output, not for this sentence.
  return stripVTControlCharacters(message).split('\n').slice(0, 6).join('\n');
}

function say(sentence) {
  process.stderr.write(`${sentence}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const args = process.argv.slice(2);
  const only = args.flatMap((arg, index) => (arg === '--only' ? [args[index + 1] ?? ''] : []));
  try {
    if (args.includes('--list')) for (const part of [...BUNDLES, ...PARTS]) console.log(`${part.group}  ${part.name}`);
    else await build({ only });
  } catch (error) {
    say(error.message);
    process.exit(1);
  }
}
