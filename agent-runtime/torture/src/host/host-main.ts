/**
 * The desktop host alone in a process: calls come in as lines `{id, method, params}`, answers and events go out as
 * lines. Ends in order when its input ends.
 */
import { createInterface } from 'node:readline';
import { createHost } from '@steward/desktop-host';
import type { StackDescription } from '@steward/desktop-host';

const stack = JSON.parse(process.env['STEWARD_HOST_STACK'] ?? '{}') as StackDescription;
const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const host = await createHost({
  stack,
  appVersion: '0.1.0',
  shell: 'web',
  showSignInPage: () => Promise.resolve(false),
  returnTo: () => undefined,
  environment: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
});
host.subscribe((event) => say({ event }));
say({ ready: true });
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const { id, method, params } = JSON.parse(line) as { id: number; method: string; params: unknown };
  void host.call(method, params).then((reply) => say({ id, reply }));
});
lines.on('close', () => void host.stop().then(() => process.exit(0)));
