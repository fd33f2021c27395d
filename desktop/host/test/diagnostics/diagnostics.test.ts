import { describe, expect, it } from '@jest/globals';
import { StewardError } from '@steward/sdk';
import type { Conversation } from '../../src/index.ts';
import { ErrorRing } from '../../src/diagnostics/error-ring.ts';
import { runtimeBadge } from '../../src/diagnostics/runtime-badge.ts';
import { ServiceHealthMonitor } from '../../src/diagnostics/service-health.ts';
import { ManualTime } from '../support/manual-timers.ts';
import { scriptedStack } from '../support/temporary-home.ts';

const conversation = (runtime: Conversation['runtime']): Conversation => ({ runtime }) as Conversation;

describe('runtimeBadge', () => {
  it.each([
    [[], [], 'stopped', 'No conversation is running.'],
    [['running'], [], 'running', 'One conversation is running.'],
    [['running', 'running'], [], 'running', '2 conversations are running.'],
    [['running', 'crashed'], [], 'degraded', '1 of 2 conversations ended unexpectedly. Resume or close them.'],
    [['running'], ['audit'], 'degraded', 'Not reachable: audit. Work that needs them waits.'],
  ] as const)('for %p and unreachable %p says %s', (runtimes, down, state, message) => {
    const services = down.map((name) => ({ name, state: 'down' as const }));

    expect(runtimeBadge(runtimes.map(conversation), services)).toEqual({ state, message });
  });
});

describe('ErrorRing', () => {
  it('keeps the newest fifty sentences and nothing of unknown errors but their kind', () => {
    const ring = new ErrorRing(new ManualTime());
    for (let index = 0; index < 60; index += 1) ring.add('test', new StewardError('CONFLICT', `Sentence ${index}.`));

    ring.add('disk', Object.assign(new Error('/home/alice/secret'), { code: 'ENOSPC' }));

    expect(ring.items).toHaveLength(50);
    expect(ring.items.slice(0, 2)).toEqual([
      { at: '2026-11-21T09:00:00.000Z', source: 'disk', message: 'Unexpected failure (ENOSPC).' },
      { at: '2026-11-21T09:00:00.000Z', source: 'test', message: 'Sentence 59.' },
    ]);
  });
});

describe('ServiceHealthMonitor', () => {
  it('asks when someone looks, at most every two seconds, and by itself every thirty', async () => {
    const time = new ManualTime();
    const asked: string[] = [];
    let status = 200;
    let changes = 0;
    const monitor = new ServiceHealthMonitor({
      stack: scriptedStack('/home', 'http://127.0.0.1:2', { services: { audit: 'https://127.0.0.1:1/v1' } }),
      fetch: (url) => {
        asked.push(String(url));
        return Promise.resolve(new Response('', { status }));
      },
      clock: time,
      timers: time,
      onChange: () => (changes += 1),
    });

    const first = await monitor.check();
    await monitor.check();
    status = 503;
    time.advance(30_000);
    const second = await monitor.check();
    monitor.stop();

    expect(asked).toEqual([
      'https://127.0.0.1:1/healthz',
      'http://127.0.0.1:2/.well-known/openid-configuration',
      'https://127.0.0.1:1/healthz',
      'http://127.0.0.1:2/.well-known/openid-configuration',
    ]);
    expect([first.map((service) => service.state), second.map((service) => service.state)]).toEqual([
      ['ok', 'ok'],
      ['degraded', 'degraded'],
    ]);
    expect(changes).toBe(2);
  });

  it('asks again soon while something does not answer, and knows when it does', async () => {
    const time = new ManualTime();
    let isUp = false;
    const monitor = new ServiceHealthMonitor({
      stack: scriptedStack('/home', 'http://127.0.0.1:2', { services: { audit: 'https://127.0.0.1:1/v1' } }),
      fetch: () => (isUp ? Promise.resolve(new Response('')) : Promise.reject(new Error('refused'))),
      clock: time,
      timers: time,
      onChange: () => undefined,
    });

    const first = await monitor.check();
    isUp = true;
    time.advance(2_500);
    const second = await monitor.check();
    monitor.stop();

    expect([first, second].map((services) => services.map(({ state }) => state))).toEqual([
      ['down', 'down'],
      ['ok', 'ok'],
    ]);
  });
});
