import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callService, createTestIssuer, silentLogger } from '@steward/service-kit/test-support';
import type { ServiceCaller, TestIssuer } from '@steward/service-kit/test-support';
import { createApp } from '../../src/app.ts';
import { OtlpForwarder } from '../../src/signals/forwarder.ts';

interface Received {
  url: string | undefined;
  authorization: string | undefined;
  body: Record<string, unknown>;
}

let issuer: TestIssuer;
let received: Received[];
let answer: (count: number) => number;
let closeReceiver: () => Promise<void>;
let endpoint: string;

beforeEach(async () => {
  issuer = await createTestIssuer();
  received = [];
  answer = () => 200;
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      received.push({ url: request.url, authorization: request.headers.authorization, body: JSON.parse(text) });
      response.writeHead(answer(received.length)).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  closeReceiver = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
});
afterEach(() => closeReceiver());

function start(options: { maxBuffered?: number } = {}): { api: ServiceCaller; forwarder: OtlpForwarder } {
  const forwarder = new OtlpForwarder({
    endpoint,
    headers: { authorization: 'Bearer collector' },
    retry: { attempts: 3, sleep: async () => undefined },
    ...options,
  });
  return {
    forwarder,
    api: callService(createApp({ authenticate: issuer.authenticate, logger: silentLogger, forwarder })),
  };
}

const event = {
  name: 'step.completed',
  timestamp: '2026-02-21T15:04:22.000Z',
  component: 'LocalAgentHost',
  attributes: { durationMs: 12, cached: true, tool: 'ReadFile' },
};
const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'step' };

describe('the Telemetry Service', () => {
  it('takes events, counts them per tenant and sends them on as logs', async () => {
    const { api, forwarder } = start();

    const taken = await api.post('/telemetry/events', {
      token: await issuer.tokenFor(),
      body: { events: [event, event] },
    });
    await forwarder.flush();
    const own = await api.get('/telemetry/summary', { token: await issuer.tokenFor({ roles: ['operator'] }) });
    const foreign = await api.get('/telemetry/summary', {
      token: await issuer.tokenFor({ roles: ['operator'], tenantId: 'globex' }),
    });

    expect([taken.status, taken.body]).toEqual([202, { accepted: 2, dropped: 0 }]);
    expect(own.body).toEqual({
      counts: { 'step.completed': 2 },
      forwarding: { configured: true, forwarded: 2, failed: 0, buffered: 0, dropped: 0 },
    });
    expect(foreign.body.counts).toEqual({});
    expect(received.map(({ url, authorization }) => [url, authorization])).toEqual([['/v1/logs', 'Bearer collector']]);
    expect(JSON.stringify(received[0]?.body)).toContain('"eventName":"step.completed"');
  });

  it.each([
    ['free text in an attribute', { ...event, attributes: { note: 'the quarterly numbers are bad' } }],
    ['a field for content', { ...event, message: 'hello' }],
    ['a nested attribute', { ...event, attributes: { nested: { prompt: 'x' } } }],
    ['a name that is a sentence', { ...event, name: 'the user said hello' }],
  ])('refuses %s', async (_what, bad) => {
    const { api, forwarder } = start();

    const response = await api.post('/telemetry/events', {
      token: await issuer.tokenFor(),
      body: { events: [event, bad] },
    });
    await forwarder.flush();

    expect([response.status, response.body.code, received]).toEqual([400, 'INVALID_REQUEST', []]);
  });

  it('takes standard OTLP and says what it rejected', async () => {
    const { api, forwarder } = start();
    const token = await issuer.tokenFor({ sub: 'session-service', roles: ['service'] });
    const traces = (spans: object[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

    const whole = await api.post('/traces', { token, body: traces([span]) });
    const partial = await api.post('/traces', { token, body: traces([span, { name: 'no ids' }]) });
    const metrics = await api.post('/metrics', {
      token,
      body: { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [] } }] }] }] },
    });
    const logs = await api.post('/logs', {
      token,
      body: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ eventName: 'e' }] }] }] },
    });
    const own = await api.post('/telemetry/traces', { token, body: traces([span]) });
    await forwarder.flush();

    expect([whole.status, whole.body]).toEqual([200, {}]);
    expect(partial.body.partialSuccess).toMatchObject({ rejectedSpans: 1 });
    expect([metrics.body, logs.body]).toEqual([{}, {}]);
    expect([own.status, own.body]).toEqual([202, { accepted: 1, dropped: 0 }]);
    expect(new Set(received.map(({ url }) => url))).toEqual(new Set(['/v1/traces', '/v1/metrics', '/v1/logs']));
  });

  it('repeats what the receiver could not take for a moment and counts what it refused', async () => {
    const { api, forwarder } = start();
    const token = await issuer.tokenFor();
    answer = (count) => (count === 1 ? 503 : count === 2 ? 200 : 400);

    await api.post('/telemetry/events', { token, body: { events: [event] } });
    await forwarder.flush();
    await api.post('/telemetry/events', { token, body: { events: [event] } });
    await forwarder.flush();

    expect(received).toHaveLength(3);
    expect(forwarder.state).toEqual({ forwarded: 1, failed: 1, buffered: 0, dropped: 0 });
  });

  it('keeps a bounded number of records while the receiver is slow', async () => {
    const { forwarder } = start({ maxBuffered: 10 });
    const batch = { kind: 'logs' as const, resource: {}, records: 4 };

    // The first batch leaves the buffer at once; of the other five, two fit.
    forwarder.accept([batch]);
    for (let index = 0; index < 5; index += 1) forwarder.accept([batch]);
    const { buffered, dropped } = forwarder.state;
    await forwarder.flush();

    expect([buffered, dropped]).toEqual([8, 12]);
    expect(forwarder.state).toEqual({ forwarded: 12, failed: 0, buffered: 0, dropped: 12 });
  });

  it('counts without sending when no receiver is configured', async () => {
    const api = callService(createApp({ authenticate: issuer.authenticate, logger: silentLogger }));
    await api.post('/telemetry/events', { token: await issuer.tokenFor(), body: { events: [event] } });

    const summary = await api.get('/telemetry/summary', { token: await issuer.tokenFor({ roles: ['admin'] }) });

    expect(summary.body).toEqual({ counts: { 'step.completed': 1 }, forwarding: { configured: false } });
  });
});
