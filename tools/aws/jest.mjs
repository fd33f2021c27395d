/** Runs test files in a process of their own and says what they counted. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { run } from './processes.mjs';
import { say } from './say.mjs';

/**
 * Runs the files; a test that did not run counts as failed, for nothing is skipped silently in this tier.
 * @returns `{passed, failed}`
 */
export async function runTests(root, title, files, { env = {}, testMatch, workers = 2, timeoutMs = 600_000 } = {}) {
  if (files.length === 0) throw new Error(`There are no test files for: ${title}.`);
  const folder = mkdtempSync(join(tmpdir(), 'steward-test-aws-'));
  const report = join(folder, 'report.json');
  const args = [
    ...[
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
    ],
    ...['--json', `--outputFile=${report}`, '--colors=false', `--maxWorkers=${workers}`, '--testTimeout=120000'],
    ...(testMatch === undefined ? [] : ['--testMatch', testMatch]),
    ...['--runTestsByPath', ...files],
  ];
  const started = performance.now();
  const problem = await run(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, timeoutMs }).then(
    () => undefined,
    (error) => error,
  );
  const result = readReport(report);
  rmSync(folder, { recursive: true, force: true });
  if (result === undefined) {
    process.stderr.write(`${problem?.message ?? ''}\n`);
    return { passed: 0, failed: 1 };
  }
  for (const suite of result.testResults) {
    if (suite.status === 'passed') continue;
    process.stderr.write(`${suite.name.replace(`${root}/`, '')}\n${suite.message}\n`);
  }
  const passed = result.numPassedTests;
  const failed =
    result.numFailedTests + result.numRuntimeErrorTestSuites + result.numPendingTests + result.numTodoTests;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  say(`${failed === 0 ? 'ok' : 'FAILED'}  ${title}: ${passed} passed, ${failed} failed (${seconds} s)`);
  return { passed, failed };
}

/**
 * Test files below the folders whose text contains the pattern, or that of a helper which they import from a test
 * folder, over any number of helpers.
 */
export function testFiles(root, folders, pattern, suffix = '.test.ts') {
  const matches = (path, seen = new Set()) => {
    if (seen.has(path) || !path.split(sep).includes('test') || !existsSync(path)) return false;
    seen.add(path);
    const text = readFileSync(path, 'utf8');
    if (pattern.test(text)) return true;
    return [...text.matchAll(/ from '(\.{1,2}\/[^']+\.ts)'/g)].some(([, helper]) =>
      matches(join(dirname(path), helper), seen),
    );
  };
  return folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)))
    .filter((path) => path.endsWith(suffix) && path.includes('test') && !path.includes('node_modules'))
    .filter((path) => matches(join(root, path)))
    .sort();
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
