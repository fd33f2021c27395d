import { describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareHome } from '../../src/home/home-layout.ts';
import { identifyProcess } from '../../src/home/process-identity.ts';
import { SERVICE_NAMES } from '../../src/identity-provider/service-names.ts';
import { Stack } from '../../src/stack/stack.ts';
import type { StackOptions } from '../../src/stack/stack-options.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Real processes and sockets: a busy machine must not turn a slow answer into a failure.
/** Stands in for every bundle: answers on its port, over TLS where it is given a certificate. */
const PROGRAM = `
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
const { PORT, TLS_CERT_FILE, TLS_KEY_FILE, STEWARD_STACK_FILE } = process.env;
const answer = (request, response) => response.end('{}');
const server = TLS_CERT_FILE === undefined ? createServer(answer)
  : createSecureServer({ cert: readFileSync(TLS_CERT_FILE), key: readFileSync(TLS_KEY_FILE) }, answer);
server.listen(Number(PORT), '127.0.0.1', () => {
  if (STEWARD_STACK_FILE === undefined) return;
  const { issuer } = JSON.parse(readFileSync(STEWARD_STACK_FILE, 'utf8'));
  console.log(JSON.stringify({ ready: true, app: 'http://127.0.0.1:' + PORT + '/?issuer=' + encodeURIComponent(issuer) }));
});
process.on('SIGTERM', () => process.exit(0));
`;

interface Bench {
  readonly stack: Stack;
  readonly stackFile: string;
  readonly runFolder: string;
  readonly reports: string[];
}

async function bench(options: Partial<StackOptions> = {}, broken?: string): Promise<Bench> {
  const root = temporaryFolder();
  const bundles = ['shell-web', 'infra/identity-provider', ...SERVICE_NAMES.map((name) => `services/${name}`)];
  for (const bundle of bundles) {
    const file = join(root, 'dist', `${bundle}.js`);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, bundle === broken ? 'process.exit(9);' : PROGRAM);
  }
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  const home = await prepareHome(join(root, 'home'));
  const reports: string[] = [];
  const stack = new Stack({
    root,
    options: { home: home.root, port: undefined, open: false, json: false, stackOnly: false, watch: false, ...options },
    home,
    env: {
      PATH: process.env['PATH'],
      STEWARD_STORE: 'memory',
      LLM_GATEWAY_ENDPOINT: 'https://gateway.example.com/v1/',
    },
    report: (sentence) => reports.push(sentence),
    createTables: () => Promise.reject(new Error('There is no database to create tables in.')),
    desktopEnded: () => undefined,
    now: () => Date.now(),
  });
  return { stack, stackFile: home.stackFile, runFolder: home.run, reports };
}

function runningProcesses(runFolder: string): unknown[] {
  const recorded = JSON.parse(readFileSync(join(runFolder, 'processes.json'), 'utf8')) as { pid: number }[];
  return recorded.filter(({ pid }) => identifyProcess(pid) !== undefined);
}

describe('the stack', () => {
  it('starts all parts, describes itself to its owner only, and leaves nothing running', async () => {
    const { stack, stackFile, runFolder, reports } = await bench();

    const { description, app } = await stack.start();
    const written = JSON.parse(readFileSync(stackFile, 'utf8'));
    const mode = statSync(stackFile).mode & 0o777;
    await stack.stop();

    expect(written).toEqual(description);
    expect(mode).toBe(0o600);
    expect(app).toMatch(new RegExp(`\\?issuer=${encodeURIComponent(description.issuer)}$`));
    expect(description).toMatchObject({ gateway: 'https://gateway.example.com/v1', demoModel: false });
    expect(reports.map((line) => line.split(' ', 1)[0]).sort()).toEqual(
      [
        'approval',
        'audit',
        'database',
        'desktop',
        'home',
        'identity-provider',
        'policy',
        'session',
        'telemetry',
      ].concat(['tools', 'workspace']),
    );
    expect(reports).toContain(
      'database           in memory: STEWARD_STORE=memory asks for it, so nothing survives the end of this run',
    );
    expect([existsSync(stackFile), runningProcesses(runFolder)]).toEqual([false, []]);
  });

  it('leaves the desktop out when asked, and remembers its ports', async () => {
    const { stack, runFolder } = await bench({ stackOnly: true });
    const first = await stack.start();
    await stack.stop();

    const ports = JSON.parse(readFileSync(join(runFolder, 'ports.json'), 'utf8'));

    expect(first.app).toBeUndefined();
    expect(first.description.services.session).toBe(`https://127.0.0.1:${ports.session}/v1`);
  });

  it('says which part does not start and where the reason is', async () => {
    const { stack, runFolder } = await bench({}, 'services/policy');

    await expect(stack.start()).rejects.toThrow(/^policy ended with exit code 9\. The reason is in .*policy\.log\.$/);
    await stack.stop();

    expect(runningProcesses(runFolder)).toEqual([]);
  });
});
