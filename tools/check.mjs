/**
 * `npm run check [NAME…]`: drift, boundaries, types, lint, format, unused. Every check runs; the first words of a
 * failure say how to repair it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNode, ensureInstalled } from './setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules/.bin', name);
const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0;
const projects = ['platform', '.', 'backend-observability', 'agent-runtime', 'desktop', 'desktop/shells', 'infra']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((folder) => !folder.includes('node_modules') && existsSync(join(root, folder, 'tsconfig.json')));

/** One process each: the types of the whole house at once are more than a process can hold. */
const lintParts = [
  ['platform'],
  ['session', 'policy', 'workspace', 'approval', 'observability', 'tools'].map((name) => `backend-${name}`),
  ['agent-runtime'],
  ['desktop'],
  ['infra/iac'],
  ['infra/ci', 'infra/local'],
  ['e2e', 'tools', '*.mjs'],
];

const checks = {
  drift: ['Generated files match the contracts', () => run(process.execPath, ['tools/drift.mjs'])],
  boundaries: [
    'Nobody imports what they must not',
    () =>
      run(bin('depcruise'), [
        '--config',
        '.dependency-cruiser.mjs',
        '--output-type',
        'err',
        'platform',
        'backend-session',
        'backend-policy',
        'backend-workspace',
        'backend-approval',
        'backend-observability',
        'backend-tools',
        'agent-runtime',
        'desktop',
        'infra',
        'e2e',
      ]),
  ],
  types: [
    'Types',
    () =>
      projects
        .map((project) => run(bin('tsc'), ['-p', project]) || console.error(`types: ${project}`))
        .every((ok) => ok === true),
  ],
  lint: ['Lint', () => lintParts.map((part) => run(bin('eslint'), [...part, '--max-warnings', '0'])).every(Boolean)],
  format: [
    'Formatting (repair: npx prettier --write .)',
    () => run(bin('prettier'), ['--check', '--log-level', 'warn', '.']),
  ],
  unused: ['No unused files, exports or dependencies', () => run(bin('knip'), ['--no-progress'])],
};

checkNode();
await ensureInstalled();
const wanted = process.argv.slice(2);
const failed = [];
for (const [name, [title, check]] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const started = performance.now();
  const ok = check();
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}: ${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) failed.push(name);
}
if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}.`);
process.exit(failed.length === 0 ? 0 : 1);
