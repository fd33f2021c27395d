import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyPatch } from 'diff';
import { callService, createManualClock, createTestIssuer, silentLogger } from '@steward/service-kit/test-support';
import type { ServiceCaller } from '@steward/service-kit/test-support';
import { createApp } from '../../src/app.ts';
import { textDiff } from '../../src/tools/text-diff.ts';

let api: ServiceCaller;
let token: string;

beforeEach(async () => {
  const issuer = await createTestIssuer();
  token = await issuer.tokenFor();
  api = callService(
    createApp({
      checkGrant: async () => undefined,
      authenticate: issuer.authenticate,
      clock: createManualClock('2026-02-21T15:04:22.000Z'),
      logger: silentLogger,
    }),
  );
});

const invoke = (name: string, args: object) => api.post(`/tools/${name}/invoke`, { token, body: { arguments: args } });

describe('the Backend Tool Service', () => {
  it('lists its tools with a stable digest', async () => {
    const [first, second] = [await api.get('/tools', { token }), await api.get('/tools', { token })];

    expect(first.body.items.map(({ name }: { name: string }) => name)).toEqual([
      'json.format',
      'text.count',
      'text.diff',
      'time.now',
    ]);
    expect(second.body).toEqual(first.body);
  });

  it.each([
    ['time.now', {}, '{"utc":"2026-02-21T15:04:22.000Z","timeZone":"UTC","local":"2026-02-21 15:04:22"}'],
    [
      'time.now',
      { timeZone: 'Asia/Tokyo' },
      '{"utc":"2026-02-21T15:04:22.000Z","timeZone":"Asia/Tokyo","local":"2026-02-22 00:04:22"}',
    ],
    ['text.count', { text: 'one two\nthree 🦊\n' }, '{"lines":2,"words":4,"characters":16,"bytes":19}'],
    ['text.diff', { before: 'a\n', after: 'a\n' }, ''],
    ['json.format', { text: '{"b":1,"a":[]}', style: 'canonical' }, '{"a":[],"b":1}'],
  ])('runs %s on %j', async (name, args, outputText) => {
    const response = await invoke(name, args);

    expect([response.status, response.body]).toEqual([200, { status: 'succeeded', outputText }]);
  });

  it('answers what a tool cannot do as a failed result', async () => {
    const response = await invoke('time.now', { timeZone: 'Mars/Olympus' });

    expect([response.status, response.body.status, response.body.error.code]).toEqual([
      200,
      'failed',
      'TOOL_EXECUTION_FAILED',
    ]);
  });

  it('refuses unknown tools, wrong arguments and callers without a token', async () => {
    const unknown = await invoke('shell.exec', { command: 'id' });
    const wrong = await invoke('text.count', { text: 1 });
    const extra = await invoke('time.now', { command: 'id' });
    const anonymous = await api.post('/tools/time.now/invoke', { body: { arguments: {} } });

    expect([unknown, wrong, extra, anonymous].map(({ status, body }) => [status, body.code])).toEqual([
      [404, 'TOOL_NOT_FOUND'],
      [400, 'INVALID_REQUEST'],
      [400, 'INVALID_REQUEST'],
      [401, 'UNAUTHORIZED'],
    ]);
  });

  it('refuses a call that was made for another definition of the tool', async () => {
    const list = await api.get('/tools', { token });
    const { digest } = list.body.items.find(({ name }: { name: string }) => name === 'time.now');
    const call = (known: string) =>
      api.post('/tools/time.now/invoke', { token, body: { arguments: {}, digest: known } });

    const [same, other] = [await call(digest), await call(`sha256:${'0'.repeat(64)}`)];

    expect([same.status, other.status, other.body.code, other.body.details.reasonCodes]).toEqual([
      200,
      409,
      'CONFLICT',
      ['REMOTE_TOOL_CHANGED'],
    ]);
  });

  it('bounds its output', async () => {
    const response = await invoke('json.format', {
      text: JSON.stringify(Array.from({ length: 60_000 }, (_, index) => index)),
    });

    expect(response.body.outputText.length).toBeLessThan(200_100);
    expect(response.body.outputText).toContain('characters left out');
  });
});

describe('text.diff', () => {
  it('gives a patch that turns the one text into the other', () => {
    const lines = fc
      .array(fc.constantFrom('a', 'b', 'c', '', '+', '-', '@@'), { maxLength: 12 })
      .map((list) => list.join('\n'));
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const patch = textDiff.run({ before, after }, { now: new Date(0) });

        expect(patch === '' ? before : applyPatch(before, patch)).toBe(after);
      }),
    );
  });
});
