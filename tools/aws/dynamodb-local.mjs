/** DynamoDB Local: fetched by Maven once, started on loopback with its data in memory. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, run, startEngine } from './processes.mjs';
import { say } from './say.mjs';

const VERSION = '2.6.1';
const MAIN = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';
const AGENT = { groupId: 'net.bytebuddy', artifactId: 'byte-buddy-agent', version: '1.15.11' };

/** Makes sure that the jars are in the cache; answers their folders. */
export async function ensureDynamoDbLocal(cache, maven) {
  const folder = join(cache, `dynamodb-local-${VERSION}`);
  const found = { version: VERSION, lib: join(folder, 'lib'), agent: join(folder, 'agent') };
  if (existsSync(join(folder, 'complete'))) return found;
  say(`Fetching DynamoDB Local ${VERSION} (51 MB).`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const database = { groupId: 'com.amazonaws', artifactId: 'DynamoDBLocal', version: VERSION };
  await copyDependencies(maven, join(folder, 'pom.xml'), database, found.lib);
  await copyDependencies(maven, join(folder, 'agent-pom.xml'), AGENT, found.agent);
  writeFileSync(join(folder, 'complete'), '');
  return found;
}

async function copyDependencies(maven, pom, { groupId, artifactId, version }, target) {
  const dependency = `<groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>`;
  writeFileSync(
    pom,
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>` +
      `<groupId>steward</groupId><artifactId>test-engine</artifactId><version>1</version>` +
      `<dependencies><dependency>${dependency}</dependency></dependencies></project>\n`,
  );
  // -C: a download whose checksum differs is refused.
  const goal = 'dependency:copy-dependencies';
  await run(maven, ['-q', '-B', '-C', '-f', pom, goal, '-DincludeScope=runtime', `-DoutputDirectory=${target}`]);
}

/** Starts the engine; `stop` ends it and removes its temporary files. */
export async function startDynamoDbLocal({ lib }, javaHome, logFile) {
  const port = await freePort();
  const temporary = mkdtempSync(join(tmpdir(), 'steward-dynamodb-local-'));
  const endpoint = `http://127.0.0.1:${port}`;
  const engine = await startEngine({
    name: 'DynamoDB Local',
    command: join(javaHome, 'bin', 'java'),
    args: [
      ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx256m'],
      ...[`-Djava.library.path=${lib}`, `-Djava.io.tmpdir=${temporary}`, '-cp', join(lib, '*'), MAIN],
      ...['-inMemory', '-sharedDb', '-port', String(port)],
    ],
    env: { ...process.env, DDB_LOCAL_TELEMETRY: '0' },
    logFile,
    // It answers 400 to a request without a target, which is an answer.
    probe: async () => (await fetch(endpoint)).status > 0,
  });
  const stop = async () => {
    await engine.stop();
    rmSync(temporary, { recursive: true, force: true });
  };
  return { endpoint, stop };
}
