import { describe, expect, it } from '@jest/globals';
import { chooseDatabase } from '../../src/engine/database-choice.ts';
import type { DatabaseFacts } from '../../src/engine/database-choice.ts';

function facts(extra: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return { env: {}, dataFolder: '/home/data', port: 8000, dynoxide: '/bin/dynoxide', ...extra };
}

describe('choosing the database', () => {
  it('takes a given endpoint before all else', () => {
    const env = { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:4566' };

    expect(chooseDatabase(facts({ env }))).toEqual({ kind: 'given', endpoint: 'http://127.0.0.1:4566' });
  });

  it('starts the embedded engine with its data in the home', () => {
    expect(chooseDatabase(facts())).toEqual({
      kind: 'spawn',
      engine: 'dynoxide',
      command: '/bin/dynoxide',
      args: ['--host', '127.0.0.1', '--port', '8000', '--db-path', '/home/data/dynamodb.sqlite'],
    });
  });

  it('starts DynamoDB Local where there is no embedded engine', () => {
    const env = { DYNAMODB_LOCAL_DIR: '/opt/ddb', JAVA_HOME: '/opt/java' };

    expect(chooseDatabase(facts({ env, dynoxide: undefined }))).toMatchObject({
      kind: 'spawn',
      engine: 'dynamodb-local',
      command: '/opt/java/bin/java',
    });
  });

  it('falls back to memory and says why', () => {
    expect(chooseDatabase(facts({ dynoxide: undefined }))).toEqual({
      kind: 'memory',
      reason: 'this platform has no embedded database and no endpoint is given',
    });
  });
});
