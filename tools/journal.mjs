/** `npm run journal -- print|verify FILE [--json] [--full]`: the inspector of a conversation's journal. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNode, ensureInstalled } from './setup.mjs';

checkNode();
if (!existsSync(join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules'))) await ensureInstalled();
// Loaded only now: a fresh copy has no packages before.
const { buildJournalCommand } = await import('../agent-runtime/build/build.mjs');
const { status } = spawnSync(process.execPath, [await buildJournalCommand(), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 4);
