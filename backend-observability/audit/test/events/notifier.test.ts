import { describe, expect, it } from '@jest/globals';
import { EventNotifier } from '../../src/events/notifier.ts';
import type { StreamKey } from '../../src/events/event.ts';

const stream: StreamKey = { tenantId: 'acme', streamType: 'workspace', streamId: 'ws_1' };
const never = new AbortController().signal;

describe('EventNotifier', () => {
  it('wakes everyone who waits for the stream', async () => {
    const notifier = new EventNotifier();
    const waiting = [1, 2].map(() => notifier.waitForGrowth({ ...stream }, 600_000, never));

    notifier.notify(stream);

    await expect(Promise.all(waiting.map(({ grown }) => grown))).resolves.toHaveLength(2);
  });

  it('wakes nobody who waits for another stream', async () => {
    const notifier = new EventNotifier();
    const { grown, stop } = notifier.waitForGrowth(stream, 600_000, never);
    let woken = false;
    void grown.then(() => {
      woken = true;
    });

    notifier.notify({ ...stream, tenantId: 'globex' });
    await Promise.resolve();

    expect(woken).toBe(false);
    stop();
  });

  it('stops waiting when the reader goes away, also when it already has', async () => {
    const notifier = new EventNotifier();
    const gone = new AbortController();
    const { grown } = notifier.waitForGrowth(stream, 600_000, gone.signal);

    gone.abort();

    await expect(grown).resolves.toBeUndefined();
    await expect(notifier.waitForGrowth(stream, 600_000, gone.signal).grown).resolves.toBeUndefined();
  });
});
