import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Which DynamoDB the services talk to. */
export type DatabaseChoice =
  | { readonly kind: 'given'; readonly endpoint: string }
  | {
      readonly kind: 'spawn';
      readonly engine: 'dynoxide' | 'dynamodb-local';
      readonly command: string;
      readonly args: readonly string[];
    }
  | { readonly kind: 'memory'; readonly reason: string };

/** Where the choice is made. */
export interface DatabaseFacts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly dataFolder: string;
  readonly port: number;
  /** Path of the embedded engine's binary, `undefined` where the platform has none. */
  readonly dynoxide: string | undefined;
}

/**
 * Chooses the database: an endpoint given by `AWS_ENDPOINT_URL_DYNAMODB` (or `AWS_ENDPOINT_URL`), the embedded engine, DynamoDB Local where
 * `DYNAMODB_LOCAL_DIR` names its folder (with `java` on the path or in `JAVA_HOME`), or the services' own memory.
 */
export function chooseDatabase({ env, dataFolder, port, dynoxide }: DatabaseFacts): DatabaseChoice {
  const given = env['AWS_ENDPOINT_URL_DYNAMODB'] || env['AWS_ENDPOINT_URL'];
  if (given) return { kind: 'given', endpoint: given };
  if (env['STEWARD_STORE'] === 'memory') return { kind: 'memory', reason: 'STEWARD_STORE=memory asks for it' };
  if (dynoxide !== undefined) {
    const args = ['--host', '127.0.0.1', '--port', String(port), '--db-path', join(dataFolder, 'dynamodb.sqlite')];
    return { kind: 'spawn', engine: 'dynoxide', command: dynoxide, args };
  }
  const folder = env['DYNAMODB_LOCAL_DIR'];
  if (folder) {
    return { kind: 'spawn', engine: 'dynamodb-local', ...dynamoDbLocal(folder, env['JAVA_HOME'], dataFolder, port) };
  }
  return { kind: 'memory', reason: 'this platform has no embedded database and no endpoint is given' };
}

/** Finds the embedded engine's binary among the installed packages. */
export function findDynoxide(root: string): string | undefined {
  const { platform, arch } = process;
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve(`@dynoxide/${platform}-${arch}/package.json`);
    return join(manifest, '..', platform === 'win32' ? 'dynoxide.exe' : 'dynoxide');
  } catch {
    return undefined;
  }
}

function dynamoDbLocal(
  folder: string,
  javaHome: string | undefined,
  dataFolder: string,
  port: number,
): { command: string; args: readonly string[] } {
  return {
    command: javaHome ? join(javaHome, 'bin', 'java') : 'java',
    args: [
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Xmx256m',
      `-Djava.library.path=${join(folder, 'lib')}`,
      '-cp',
      join(folder, 'lib', '*'),
      'com.amazonaws.services.dynamodbv2.local.main.ServerRunner',
      '-sharedDb',
      '-dbPath',
      dataFolder,
      '-port',
      String(port),
    ],
  };
}
