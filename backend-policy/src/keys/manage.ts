import { systemClock } from '@steward/sdk';
import { manageKeys } from './manage-keys.ts';

process.exitCode = await manageKeys(process.argv.slice(2), {
  file: process.env['POLICY_KEYS_FILE'],
  clock: systemClock,
  print: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
});
