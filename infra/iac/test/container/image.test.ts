import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DockerfileParser } from 'dockerfile-ast';
import { access } from '../../src/access/access.ts';
import { readDeployment } from '../../src/deployment.ts';
import { containerUser, runFolder, serviceEnvironment } from '../../src/services/service-environment.ts';
import { serviceNames } from '../../src/services/service-names.ts';
import { context } from '../support/synthesize.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const dockerfile = readFileSync(join(root, 'infra/images/Dockerfile'), 'utf8');
const lines = dockerfile.split('\n');
/** Name and everything behind it, flags included. */
const instructions = DockerfileParser.parse(dockerfile)
  .getInstructions()
  .map((instruction) => {
    const { start, end } = instruction.getRange();
    const text = lines.slice(start.line, end.line + 1).join('\n');
    return [instruction.getInstruction(), text.slice(instruction.getInstruction().length + 1)] as const;
  });

describe('the image of a service', () => {
  const last = instructions.slice(instructions.findLastIndex(([name]) => name === 'FROM'));
  const argumentsOf = (name: string): string[] => last.filter(([own]) => own === name).map(([, text]) => text);

  it('holds nothing but node, its libraries and the bundle', () => {
    expect(argumentsOf('FROM')).toEqual(['scratch']);
    expect(argumentsOf('COPY')).toEqual(['--from=parts /parts/root /', '--from=parts /parts/app /app']);
    expect(argumentsOf('RUN')).toEqual([]);
  });

  it('takes its base by an exact version and digest', () => {
    const base = instructions.find(([name]) => name === 'ARG')?.[1];

    expect(base).toMatch(/^NODE_IMAGE=node:\d+\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/);
  });

  it('runs without rights, and without a shell', () => {
    const programs = [...argumentsOf('ENTRYPOINT'), argumentsOf('HEALTHCHECK')[0]?.replace(/^.*CMD /, '') ?? ''];

    expect(argumentsOf('USER')).toEqual([containerUser]);
    for (const program of programs) expect(JSON.parse(program)).toContain('/usr/local/bin/node');
  });
});

describe('a service in the root of its image, read-only, as the user of its image', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'steward-image-'));
    execFileSync(process.execPath, [join(root, 'tools/build.mjs'), '--only', 'services', '--only', 'images'], {
      stdio: 'ignore',
    });
    makeRoot(folder);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(serviceNames)(
    '%s answers its health check, and stops when told to',
    async (name) => {
      const { signingKeys } = access[name];
      const deployment = readDeployment((key) => ({ ...context, environment: 'dev' })[key]);
      const env = {
        ...serviceEnvironment(deployment, name, 'dev-workspace-artifacts'),
        OIDC_CLIENT_SECRET: 'secret',
        ...(signingKeys === undefined ? {} : { [signingKeys.secretVariable]: signingKeySet() }),
      };

      const said = await inImage(folder, name, env);

      expect(said).toEqual({ healthy: true, wroteOutside: false, uid: 10001, code: 0 });
    },
    300_000,
  );

  it('does not start a service that signs when its keys did not come', async () => {
    const deployment = readDeployment((key) => ({ ...context, environment: 'dev' })[key]);
    const env = { ...serviceEnvironment(deployment, 'policy', 'unused'), OIDC_CLIENT_SECRET: 'secret' };

    const said = await inImage(folder, 'policy', env);

    expect(said).toMatchObject({ healthy: false, code: 1 });
  }, 300_000);
});

/** Does what the Dockerfile's first stage does, with the node of this machine. */
function makeRoot(folder: string): void {
  const script = instructions.find(([name]) => name === 'RUN')?.[1].replaceAll('\\\n', '\n') ?? 'exit 1';
  const local = script
    .replace('cp /usr/local/bin/node', `cp ${process.execPath}`)
    .replace('ldd /usr/local/bin/node', `ldd ${process.execPath}`)
    // Only root may give files away; the sandbox below maps its user instead.
    .replace(/chown -R 10001:10001/, 'true');
  execFileSync('sh', ['-c', local], { cwd: folder, env: { ...process.env, SERVICE: 'none' } });
  mkdirSync(join(folder, 'root/app'));
  for (const mount of ['proc', 'dev', 'tmp']) mkdirSync(join(folder, 'root', mount), { recursive: true });
}

/** Starts the container's program in the sandbox and asks what a container engine would. */
function inImage(folder: string, name: string, env: Record<string, string>): Promise<unknown> {
  const [uid = '', gid = ''] = containerUser.split(':');
  const app = (file: string, as: string) => ['--ro-bind', join(root, 'dist', file), join('/app', as)];
  const args = [
    ...['--unshare-all', '--unshare-user', '--uid', uid, '--gid', gid, '--die-with-parent', '--clearenv'],
    ...['--ro-bind', join(folder, 'root'), '/', '--tmpfs', '/app', '--proc', '/proc', '--dev', '/dev'],
    ...app('images/start.js', 'start.js'),
    ...app('images/healthcheck.js', 'healthcheck.js'),
    ...app(`services/${name}.js`, 'service.js'),
    ...besides(name).flatMap((file) => app(`services/${file}`, file)),
    ...['--ro-bind', join(root, 'infra/iac/test/support/container-probe.mjs'), '/app/probe.mjs'],
    ...['--remount-ro', '/app', '--tmpfs', runFolder, '--tmpfs', '/tmp'],
    ...Object.entries(env).flatMap(([key, value]) => ['--setenv', key, value]),
    ...['/usr/local/bin/node', '/app/probe.mjs'],
  ];
  const child = spawn('bwrap', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      const line = stdout.split('\n').find((text) => text.startsWith('{"healthy"'));
      if (line === undefined) reject(new Error(`The probe said nothing: ${stdout.slice(-2000)}`));
      else resolve(JSON.parse(line));
    });
  });
}

/** Bundles that a service starts beside itself. */
function besides(name: string): string[] {
  return readdirSync(join(root, 'dist/services')).filter((file) => file.startsWith(`${name}-`) && file.endsWith('.js'));
}

function signingKeySet(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return JSON.stringify({ keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'EdDSA', use: 'sig' }] });
}
