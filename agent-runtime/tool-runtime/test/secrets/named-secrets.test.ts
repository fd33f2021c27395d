import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NamedSecret } from '@steward/contracts';
import { createFixture, type Fixture } from '../fixture.ts';

const value = 'correct-horse-battery-42';
let server: Server;
let other: Server;
let fixture: Fixture;
let secrets: readonly NamedSecret[];
const seen: IncomingMessage['headers'][] = [];

const portOf = (of: Server): number => (of.address() as AddressInfo).port;

beforeEach(async () => {
  seen.length = 0;
  other = createServer((request, response) => {
    seen.push(request.headers);
    response.end('other');
  });
  server = createServer((request, response) => {
    seen.push(request.headers);
    if (request.url === '/away') response.writeHead(302, { location: `http://127.0.0.1:${portOf(other)}/` }).end();
    else response.end(`you sent ${String(request.headers['x-api'])}`);
  });
  for (const each of [server, other]) {
    each.listen(0, '127.0.0.1');
    await once(each, 'listening');
  }
  secrets = [
    {
      name: 'api',
      value,
      allowedHosts: [`127.0.0.1:${portOf(server)}`],
      allowedCommands: ['printenv API_TOKEN'],
    },
  ];
  fixture = createFixture({
    namedSecrets: () => secrets,
    walls: { allowAddress: (_host, _port, ip) => ip === '127.0.0.1', network: true },
  });
});
afterEach(async () => {
  await fixture.remove();
  for (const each of [server, other]) {
    each.closeAllConnections();
    each.close();
  }
});

describe('a command with a named secret in its environment', () => {
  it('gets the value, and what it says of it is taken out of result and live output', async () => {
    const live: string[] = [];

    const outcome = await fixture.run(
      'RunCommand',
      { command: 'printenv API_TOKEN', env: { API_TOKEN: 'secret://api' } },
      { onOutput: (text) => void live.push(text) },
    );

    expect(outcome).toMatchObject({ status: 'succeeded', outputText: '[redacted: secret api]\n' });
    expect(live.join('')).toBe('[redacted: secret api]\n');
  });

  it.each([
    ['another command', 'env', { API_TOKEN: 'secret://api' }, /printenv API_TOKEN/],
    ['a shell around it', 'printenv API_TOKEN | rev', { API_TOKEN: 'secret://api' }, /may not be used by this command/],
    ['an unknown name', 'printenv API_TOKEN', { API_TOKEN: 'secret://nope' }, /no secret named nope/],
    ['a reference inside a text', 'printenv API_TOKEN', { API_TOKEN: 'x secret://api' }, /not understood/],
    ['a variable that loads code', 'printenv API_TOKEN', { LD_PRELOAD: 'x' }, /no variable LD_PRELOAD/],
    ['the search path', 'printenv API_TOKEN', { PATH: '/tmp' }, /no variable PATH/],
    [
      'a secret written out',
      'printenv API_TOKEN',
      { API_TOKEN: ['ghp', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('_') },
      /looks like a secret/,
    ],
  ])('is refused for %s, and nothing runs', async (_, command, env, message) => {
    const outcome = await fixture.run('RunCommand', { command, env });

    expect(outcome.status).not.toBe('succeeded');
    expect(outcome.error?.message).toMatch(message);
    expect(JSON.stringify(outcome)).not.toContain(value);
    expect(outcome.exitCode).toBeUndefined();
  });

  it('shows a person the reference and never the value', async () => {
    const described = await fixture.runtime.describe('RunCommand', {
      command: 'printenv API_TOKEN',
      env: { API_TOKEN: 'secret://api' },
    });

    expect(described.subject).toMatchObject({ arguments: { env: { API_TOKEN: 'secret://api' } } });
    expect(JSON.stringify(described)).not.toContain(value);
  });

  it('leaves a reference in the command text as it is', async () => {
    const outcome = await fixture.run('RunCommand', { command: 'printf %s secret://api' });

    expect(outcome.outputText).toBe('secret://api');
  });
});

describe('a request with a named secret in a header', () => {
  const send = (headers: Record<string, string>, path = '/', port = portOf(server)) =>
    fixture.run('HttpRequest', { method: 'GET', url: `http://127.0.0.1:${port}${path}`, headers });

  it('carries the value to the listed host, and an echo of it is taken out', async () => {
    const outcome = await send({ 'x-api': 'secret://api', authorization: 'Bearer {secret://api}' });

    expect(seen).toMatchObject([{ 'x-api': value, authorization: `Bearer ${value}` }]);
    expect(outcome.outputText).toContain('you sent [redacted: secret api]');
    expect(JSON.stringify(outcome)).not.toContain(value);
  });

  it('is refused for any other host before anything is sent', async () => {
    const outcome = await send({ 'x-api': 'secret://api' }, '/', portOf(other));

    expect(outcome).toMatchObject({ status: 'denied', error: { details: { reasonCodes: ['SECRET_NOT_FOR_HOST'] } } });
    expect(seen).toEqual([]);
  });

  it('does not follow a redirect to another origin with it', async () => {
    const outcome = await send({ 'x-api': 'secret://api', 'x-plain': 'yes' }, '/away');

    expect(outcome.status).toBe('succeeded');
    expect(seen.map((headers) => [headers['x-api'], headers['x-plain']])).toEqual([
      [value, 'yes'],
      [undefined, 'yes'],
    ]);
  });

  it('is refused when the name is unknown or the reference is not understood', async () => {
    const unknown = await send({ 'x-api': 'secret://nope' });
    const odd = await send({ 'x-api': 'secret://api and more' });

    expect(unknown.error?.message).toMatch(/no secret named nope/);
    expect(odd.error?.message).toMatch(/not understood/);
    expect(seen).toEqual([]);
  });

  it('is refused once the secret was removed', async () => {
    secrets = [];

    const outcome = await send({ 'x-api': 'secret://api' });

    expect(outcome.error?.message).toMatch(/no secret named api/);
  });
});
