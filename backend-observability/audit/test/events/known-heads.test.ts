import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@steward/service-kit/test-support';
import { KnownHeads } from '../../src/events/known-heads.ts';

const stream = { tenantId: 'acme', streamType: 'workspace', streamId: 'ws_1' } as const;
const head = (streamSeq: number) => ({ streamSeq, hash: `sha256:${streamSeq}` });

describe('KnownHeads', () => {
  it('knows the end that this process wrote last, of that stream alone', () => {
    const heads = new KnownHeads(createManualClock());

    heads.wrote(stream, head(1));
    heads.wrote(stream, { ...head(2), owner: 'alice' });

    expect(heads.get(stream)).toEqual({ ...head(2), owner: 'alice' });
    expect(heads.get({ ...stream, tenantId: 'globex' })).toBeUndefined();
  });

  it('has a stream that others write to looked up for a minute', () => {
    const clock = createManualClock();
    const heads = new KnownHeads(clock);
    heads.wrote(stream, head(1));

    heads.missed(stream);
    heads.wrote(stream, head(3));
    const atOnce = heads.get(stream);
    clock.advance(60_000);
    heads.wrote(stream, head(4));

    expect([atOnce, heads.get(stream)]).toEqual([undefined, head(4)]);
  });
});
