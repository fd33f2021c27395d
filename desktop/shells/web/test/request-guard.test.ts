import { describe, expect, it } from '@jest/globals';
import { judgeRequest } from '../src/request-guard.ts';

const facts = { method: 'GET', host: '127.0.0.1:4000', origin: undefined, upgrade: false };
const own = 'http://127.0.0.1:4000';

describe('judgeRequest', () => {
  it.each([
    ['a page of its own', {}, undefined],
    ['localhost', { host: 'localhost:4000' }, undefined],
    ['a name that was rebound', { host: 'evil.example:4000' }, 421],
    ['another port', { host: '127.0.0.1:4001' }, 421],
    ['no host', { host: undefined }, 421],
    ['a socket from its own page', { upgrade: true, origin: own }, undefined],
    ['a socket from another page', { upgrade: true, origin: 'http://evil.example' }, 403],
    ['a socket from another port', { upgrade: true, origin: 'http://127.0.0.1:4001' }, 403],
    ['a socket without origin', { upgrade: true }, 403],
    ['a socket with the opaque origin', { upgrade: true, origin: 'null' }, 403],
    ['a form from another page', { method: 'POST', origin: 'http://evil.example' }, 403],
    ['a method that nothing needs', { method: 'POST', origin: own }, 405],
  ])('judges %s', (_title, changes, status) => {
    expect(judgeRequest({ ...facts, ...changes }, 4000)?.status).toBe(status);
  });
});
