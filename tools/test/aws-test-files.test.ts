import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { testFiles } from '../aws/jest.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'steward-test-files-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

describe('the test files of a tier', () => {
  it('are those that start the engine themselves or by helpers, however many stand between', () => {
    write({
      'a/test/own.test.ts': 'engine = await startDynamo();',
      'a/test/things/helped.test.ts': "import { use } from '../support/stores.ts';",
      'a/test/support/stores.ts': "import { open } from './open.ts';",
      'a/test/support/open.ts': "import { use } from './stores.ts'; export const open = () => startDynamo();",
      'a/test/memory.test.ts': "import { Thing } from '../src/thing.ts';",
      'a/src/thing.ts': '// startDynamo() is somebody else’s',
      'b/test/elsewhere.test.ts': 'await startDynamo();',
    });

    const found = testFiles(root, ['a'], /\bstartDynamo\(/);

    expect(found).toEqual(['a/test/own.test.ts', 'a/test/things/helped.test.ts']);
  });
});
