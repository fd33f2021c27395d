import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { journalFormat } from '../../src/journal/journal-format.ts';
import { encodeRecord, scanRecords } from '../../src/journal/record-codec.ts';
import type { RecordKind } from '../../src/journal/record-codec.ts';
import { journalEnds } from '../../src/session/journal-ends.ts';
import { seqOf } from '../../src/session/session-log.ts';

const clientInfo = { desktopAppVersion: '1', localAgentHostVersion: '1', osFamily: 'Linux' };
const kinds = fc.array(
  fc.record({
    kind: fc.constantFrom<RecordKind>('event', 'chunk', 'audited', 'sent'),
    size: fc.oneof({ weight: 9, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: fc.constant(90_000) }),
  }),
  { maxLength: 30 },
);

function journalOf(format: number, rest: readonly { kind: RecordKind; size: number }[]): Buffer {
  let seq = 0;
  const records = [
    { kind: 'header' as const, json: JSON.stringify({ format, sessionId: 's', createdAt: '', firstSeq: 1 }) },
    { kind: 'session' as const, json: JSON.stringify({ params: { clientInfo } }) },
    ...rest.map(({ kind, size }) => {
      if (kind === 'event' || kind === 'chunk') seq += 1;
      return { kind, json: JSON.stringify({ seq, text: '\n'.repeat(size) }) };
    }),
  ];
  return Buffer.concat(records.map(({ kind, json }, number) => encodeRecord(number, kind, json)));
}

describe('the ends of a journal', () => {
  it('say which event is the last that can be read, or nothing, wherever the file ends', () => {
    fc.assert(
      fc.property(kinds, fc.nat(), (rest, seed) => {
        const whole = journalOf(journalFormat, rest);
        const data = whole.subarray(0, whole.length - (seed % (whole.length + 1)));
        let lastSeq: number | undefined;
        scanRecords(data, ({ kind, json }) => {
          if (kind === 'event' || kind === 'chunk') lastSeq = seqOf(json);
        });

        const found = journalEnds(data);

        if (found !== undefined) expect(found).toEqual({ clientInfo, lastSeq });
        else if (data.length < 60_000) expect(lastSeq).toBeUndefined();
      }),
    );
  });

  it('say nothing of a journal of another format', () => {
    const found = [journalFormat - 1, journalFormat + 1].map((format) =>
      journalEnds(journalOf(format, [{ kind: 'event', size: 1 }])),
    );

    expect(found).toEqual([undefined, undefined]);
  });

  it('never throw, whatever the bytes are', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void journalEnds(Buffer.from(bytes))));
  });
});
