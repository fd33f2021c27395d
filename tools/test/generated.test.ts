import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

describe('generated files', () => {
  it('are what the contracts generate today', () => {
    const result = spawnSync(process.execPath, ['tools/drift.mjs'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect({ stderr: result.stderr, status: result.status }).toEqual({ stderr: '', status: 0 });
  });
});
