import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findSecretFiles } from '../../src/sandbox/secret-files.ts';
import { createFixture, type Fixture } from '../fixture.ts';

const fixtures: Fixture[] = [];
function make(overrides: Parameters<typeof createFixture>[0] = {}): Fixture {
  const fixture = createFixture(overrides);
  fixtures.push(fixture);
  return fixture;
}
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.remove();
});

function put(root: string, ...names: string[]): void {
  for (const name of names) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), 'SECRET=1\n');
  }
}

describe('findSecretFiles', () => {
  it('names what usually holds secrets, where projects keep it', () => {
    const { project } = make();
    put(project, '.env', '.env.example', 'a/b/c/server.key', 'a/b/c/d/.env', 'node_modules/x/.env', 'src/key.ts');

    const found = findSecretFiles([project]);

    expect(found.map((file) => path.relative(project, file))).toEqual(['.env', 'a/b/c/server.key']);
  });
});

const probe = make({ sandbox: 'auto' });
const { kind } = await probe.runtime.sandboxState();
const whereThereIsOne = kind === 'bubblewrap' ? it : it.skip;

describe('A file that the policy does not let be read without asking', () => {
  whereThereIsOne('can not be opened by a command, and the answer says so', async () => {
    const fixture = make({
      sandbox: 'auto',
      walls: { checkPath: (_, file) => !file.endsWith('.env') },
    });
    put(fixture.project, '.env', 'other.key');

    const outcome = await fixture.run('RunCommand', { command: 'cat .env other.key 2>&1' });

    expect(outcome.outputText).toBe(
      'cat: .env: Permission denied\nSECRET=1\n\n[the command could not open these, since the policy does not let them be read without asking: .env]',
    );
  });
});
