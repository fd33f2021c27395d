import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseStackDescription, readStackFile } from '../../src/index.ts';
import { createFetchTrusting } from '../../src/stack/ca-fetch.ts';
import { temporaryHome } from '../support/temporary-home.ts';

const stack = {
  services: { session: 'https://127.0.0.1:1/v1', broken: 3 },
  issuer: 'http://127.0.0.1:2',
  home: '/home/alice/steward',
  runtime: { command: ['node', 'runtime.js'], env: { STEWARD_HOME: '/home/alice/steward' } },
  demoModel: true,
};

describe('the stack description', () => {
  it('is read with defaults for what may be left out', () => {
    expect(parseStackDescription(stack)).toEqual({
      services: { session: 'https://127.0.0.1:1/v1' },
      issuer: 'http://127.0.0.1:2',
      clientId: 'steward-desktop',
      caFile: undefined,
      home: '/home/alice/steward',
      runtime: stack.runtime,
      model: 'demo model',
      demoModel: true,
    });
  });

  it.each([
    [{ ...stack, issuer: undefined }, 'issuer'],
    [{ ...stack, home: 'relative' }, 'absolute path'],
    [{ ...stack, runtime: { command: [] } }, 'runtime.command'],
    [null, 'must be an object'],
  ])('names what is missing (%#)', (content, words) => {
    expect(() => parseStackDescription(content)).toThrow(words);
  });

  it('says how to start the stack when there is no file or half of one', async () => {
    const home = await temporaryHome();
    const path = join(home.path, 'stack.json');

    await expect(readStackFile(path)).rejects.toThrow('npm run stack');
    await writeFile(path, '{"issuer":');
    await expect(readStackFile(path)).rejects.toThrow('npm run stack');
    await home.remove();
  });
});

describe('createFetchTrusting', () => {
  it('keeps method, headers, body and answer as fetch would, and follows no redirect', async () => {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (request.url === '/moved') return response.writeHead(302, { location: '/' }).end();
        if (request.url === '/empty') return response.writeHead(204).end();
        response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'] });
        return response.end(JSON.stringify({ method: request.method, body, tested: request.headers['x-test'] }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const trusting = createFetchTrusting('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----');

    const answer = await trusting(`${url}/`, { method: 'POST', body: 'hello', headers: { 'x-test': 'yes' } });
    const moved = await trusting(`${url}/moved`);
    const empty = await trusting(`${url}/empty`);

    expect([answer.status, await answer.json(), answer.headers.getSetCookie()]).toEqual([
      201,
      { method: 'POST', body: 'hello', tested: 'yes' },
      ['a=1', 'b=2'],
    ]);
    expect([moved.status, empty.status, await empty.text()]).toEqual([302, 204, '']);
    await expect(trusting(`${url}/`, { signal: AbortSignal.abort() })).rejects.toThrow();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(trusting(`${url}/`)).rejects.toThrow();
  });
});
