import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestHost } from '../support/test-host.ts';

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.greet();
});
afterEach(() => host.close());

describe('a session that could not be opened', () => {
  it('sends nothing afterwards, and the next call begins anew', async () => {
    host.files.fault = (operation) => {
      if (operation === 'sync') throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    };
    const params = {
      executionEnvironment: 'desktop' as const,
      clientInfo: { desktopAppVersion: '1', localAgentHostVersion: '1', osFamily: 'Linux' as const },
      supportedCapabilities: ['File.Read' as const],
      idempotencyKey: 'the-same-call',
    };

    const refused = host.peer.request('CreateSession', params);
    await expect(refused).rejects.toMatchObject({ retryable: true });
    host.files.fault = () => undefined;
    // The folder is gone; the disk in memory knows no folders.
    host.files.files.clear();
    await host.time.advance(10_000);
    const sentMeanwhile = [...host.backend.audited];
    await host.peer.request('CreateSession', params);
    await host.time.advance(10_000);

    const seqs = (host.backend.audited as { payload: { seq: number } }[]).map(({ payload }) => payload.seq);
    expect(sentMeanwhile).toEqual([]);
    expect(seqs).toEqual([1, 2]);
  });
});
