import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestHost, testSessionId } from '../support/test-host.ts';

let host: TestHost;
beforeEach(async () => {
  host = new TestHost();
  await host.open();
});
afterEach(() => host.close());

describe('the sandbox of a session', () => {
  it('is looked for after the session began, and told from then on', async () => {
    const before = await host.peer.request('GetSessionState', { sessionId: testSessionId });
    await host.time.advance(1_000);
    const after = await host.peer.request('GetSessionState', { sessionId: testSessionId });

    expect([before.sandbox, after.sandbox]).toEqual([undefined, { kind: 'none', reason: 'these tools run nothing' }]);
  });
});
