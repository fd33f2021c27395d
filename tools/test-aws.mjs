/**
 * `npm run test:aws`: the tiers that need AWS's interfaces. Fetches DynamoDB Local and LocalStack once into the user's
 * cache folder, runs the repositories' contract tests against both, deploys the synthesized data stack to LocalStack,
 * runs a whole conversation on it, and backs up and restores as the runbook says. Progress goes to stderr; ends with
 * one plain line, `N passed, N failed`. A machine that lacks something is told what, and the exit code is not zero.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEPLOYED, cloudEnvironment, deployData, pathWith } from './aws/cloud.mjs';
import { ensureDynamoDbLocal, startDynamoDbLocal } from './aws/dynamodb-local.mjs';
import { runTests, testFiles } from './aws/jest.mjs';
import { ensureHadolint, ensureLocalStack, startLocalStack } from './aws/localstack.mjs';
import { cacheFolder, findPrerequisites } from './aws/prerequisites.mjs';
import { killAll, run } from './aws/processes.mjs';
import { startRecorder } from './aws/recorder.mjs';
import { MissingError, say } from './aws/say.mjs';
import { checkNode, ensureBuilt, ensureInstalled } from './setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const SERVICES = [
  'backend-session',
  'backend-policy',
  'backend-workspace',
  'backend-approval',
  'backend-observability',
];
const AWS_TESTS = 'infra/iac/test/aws';

const totals = { passed: 0, failed: 0 };
const closers = [];
const work = mkdtempSync(join(tmpdir(), 'steward-test-aws-'));

process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

try {
  await main();
} catch (error) {
  totals.failed += 1;
  process.stderr.write(`${error instanceof MissingError ? error.message : (error.stack ?? error)}\n`);
} finally {
  for (const close of closers.reverse()) await close().catch((error) => process.stderr.write(`${error}\n`));
  if (totals.failed === 0) rmSync(work, { recursive: true, force: true });
  else process.stderr.write(`The engines' output is in ${work}.\n`);
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

async function main() {
  checkNode();
  const { python, javaHome, maven } = findPrerequisites();
  await ensureInstalled();
  const cache = cacheFolder();
  mkdirSync(cache, { recursive: true });
  const [database, localStack] = await Promise.all([
    ensureDynamoDbLocal(cache, maven),
    ensureLocalStack(cache, python),
    ensureBuilt(),
  ]);
  await step('The Dockerfile has no finding of its linter.', async () =>
    run(await ensureHadolint(localStack), [join(root, 'infra/images/Dockerfile')]),
  );
  await step('The AWS Solutions rules have no open finding; dist/nag-report.json says what was accepted.', () =>
    run(process.execPath, [join(root, 'infra/iac/bin/nag.mjs')]),
  );
  say('Set up. Starting DynamoDB Local and LocalStack.');
  const local = await startDynamoDbLocal(database, javaHome, join(work, 'dynamodb-local.log'));
  closers.push(local.stop);
  const stack = await startLocalStack(localStack, database, javaHome, join(work, 'localstack.log'));
  closers.push(stack.stop);
  const cloud = { ...cloudEnvironment(stack.endpoint), PATH: pathWith(localStack.bin), TEST_AWS_ENV: DEPLOYED };

  const deployed = step('The synthesized data stack is deployed to LocalStack.', () =>
    deployData(root, stack.endpoint),
  );
  await Promise.all([deployed, serviceTier(local.endpoint)]);
  await integrationTier(stack.endpoint, cloud);
}

/** Counts one check without tests of its own; the run goes on when it fails. */
async function step(sentence, check) {
  try {
    await check();
    totals.passed += 1;
    say(`ok  ${sentence}`);
  } catch (error) {
    totals.failed += 1;
    say(`FAILED  ${sentence}\n${error.message}`);
  }
}

/** Every repository on DynamoDB Local, and the actions that they sent compared with the permissions of the roles. */
async function serviceTier(endpoint) {
  const recorder = await startRecorder(endpoint);
  closers.push(recorder.stop);
  const files = testFiles(root, [...SERVICES, 'platform/service-kit'], /\bstartDynamo\(/);
  await count('Repositories on DynamoDB Local', files, { env: { TEST_DYNAMODB_ENDPOINT: recorder.endpoint } });
  const recording = join(work, 'recorded-actions.txt');
  writeFileSync(recording, recorder.recorded().join('\n'));
  await countAws('Permissions against recorded actions', 'access', { TEST_RECORDED_ACTIONS: recording });
}

async function integrationTier(endpoint, cloud) {
  await countAws('The deployed tables and bucket', 'deployed', cloud);
  const contracts = testFiles(root, SERVICES, /from '[^']*contract\.ts'/);
  const engines = { ...cloud, TEST_DYNAMODB_ENDPOINT: endpoint, TEST_S3_ENDPOINT: endpoint };
  await count('Contracts of repositories and contents on LocalStack', contracts, { env: engines });
  const stackEnvironment = JSON.stringify({ ...cloudEnvironment(endpoint), STEWARD_ENV: DEPLOYED });
  const journey = { ...cloud, TEST_STACK_ENVIRONMENT: stackEnvironment };
  await count('Conversations on the deployed tables and bucket', ['e2e/test/runtime.test.ts'], { env: journey });
  await countAws('What the conversations left there', 'after-journey', cloud);
  await countAws('Backup and restore by the runbook', 'backup-restore', cloud);
}

function countAws(title, name, env) {
  return count(title, [`${AWS_TESTS}/${name}.aws-test.ts`], { env, testMatch: '**/*.aws-test.ts' });
}

async function count(title, files, options) {
  const { passed, failed } = await runTests(root, title, files, options);
  totals.passed += passed;
  totals.failed += failed;
}
