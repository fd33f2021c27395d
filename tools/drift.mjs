/** Regenerates into a temporary folder and compares; exits non-zero and names the stale files. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const fresh = mkdtempSync(join(tmpdir(), 'steward-drift-'));

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

try {
  execFileSync(process.execPath, [join(root, 'tools/generate.mjs'), '--out', fresh]);
  const expected = filesBelow(fresh).map((file) => relative(fresh, file));
  const present = ['platform/contracts/src/generated', 'platform/sdk/src/generated'].flatMap((folder) =>
    filesBelow(join(root, folder)).map((file) => relative(root, file)),
  );
  const read = (base, file) => {
    try {
      return readFileSync(join(base, file), 'utf8');
    } catch {
      return undefined;
    }
  };
  const stale = [...new Set([...expected, ...present])].filter((file) => read(fresh, file) !== read(root, file)).sort();
  if (stale.length > 0) {
    console.error(
      `These files do not match platform/contracts; run \`npm run generate\`:\n${stale.map((file) => `  ${file}`).join('\n')}`,
    );
    process.exitCode = 1;
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
