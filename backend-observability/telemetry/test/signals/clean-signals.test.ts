import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanSignals } from '../../src/signals/clean-signals.ts';
import type { SignalKind } from '../../src/signals/otlp.ts';

const traceId = 'a'.repeat(32);
const spanId = 'b'.repeat(16);
const text = (value: string) => ({ stringValue: value });

describe('cleanSignals', () => {
  it('keeps names, numbers and ids of spans and removes what could hold content', () => {
    const resources = [
      {
        resource: {
          attributes: [
            { key: 'service.name', value: text('LocalAgentHost') },
            { key: 'steward.tenant', value: text('globex') },
          ],
        },
        scopeSpans: [
          {
            scope: { name: 'loop', version: '1.0.0' },
            spans: [
              {
                traceId,
                spanId,
                name: 'llm.request',
                kind: 3,
                startTimeUnixNano: '1700000000000000000',
                endTimeUnixNano: '1700000001000000000',
                attributes: [
                  { key: 'llm.input_tokens', value: { intValue: '120' } },
                  { key: 'llm.prompt', value: text('please rename the secret function') },
                  { key: 'nested', value: { kvlistValue: {} } },
                ],
                events: [
                  {
                    timeUnixNano: '1',
                    name: 'exception',
                    attributes: [{ key: 'exception.message', value: text('no such file /home/alice/x y') }],
                  },
                ],
                status: { code: 2, message: 'could not open /home/alice/diary.txt' },
                links: [{ secret: 'x y' }],
              },
              { name: 'no ids' },
            ],
          },
        ],
      },
    ];

    const clean = cleanSignals('traces', resources, 'acme');

    expect(clean).toEqual({
      accepted: 1,
      dropped: 1,
      names: ['llm.request'],
      batches: [
        {
          kind: 'traces',
          records: 1,
          resource: {
            resource: {
              attributes: [
                { key: 'service.name', value: text('LocalAgentHost') },
                { key: 'steward.tenant', value: text('acme') },
              ],
            },
            scopeSpans: [
              {
                scope: { name: 'loop', version: '1.0.0', attributes: [] },
                spans: [
                  {
                    traceId,
                    spanId,
                    name: 'llm.request',
                    kind: 3,
                    startTimeUnixNano: '1700000000000000000',
                    endTimeUnixNano: '1700000001000000000',
                    attributes: [{ key: 'llm.input_tokens', value: { intValue: '120' } }],
                    events: [{ timeUnixNano: '1', name: 'exception', attributes: [] }],
                    status: { code: 2 },
                  },
                ],
              },
            ],
          },
        },
      ],
    });
  });

  it('keeps metrics with their points, and logs without their bodies', () => {
    const point = { timeUnixNano: '1', asInt: '3', attributes: [{ key: 'tool', value: text('ReadFile') }] };
    const metrics = cleanSignals(
      'metrics',
      [
        {
          scopeMetrics: [{ metrics: [{ name: 'steps', unit: '1', sum: { dataPoints: [point], isMonotonic: true } }] }],
        },
      ],
      'acme',
    );
    const logs = cleanSignals(
      'logs',
      [
        {
          scopeLogs: [
            { logRecords: [{ timeUnixNano: '1', severityNumber: 9, eventName: 'started', body: text('a b c') }] },
          ],
        },
      ],
      'acme',
    );

    expect(JSON.parse(JSON.stringify(metrics.batches[0]?.resource['scopeMetrics']))).toEqual([
      {
        scope: { attributes: [] },
        metrics: [{ name: 'steps', unit: '1', sum: { dataPoints: [point], isMonotonic: true } }],
      },
    ]);
    expect(logs.batches[0]?.resource['scopeLogs']).toEqual([
      {
        scope: { attributes: [] },
        logRecords: [{ timeUnixNano: '1', severityNumber: 9, eventName: 'started', attributes: [] }],
      },
    ]);
  });

  it('lets no free text through, whatever is sent, and never fails', () => {
    const secret = 'free text of a person';
    const leaf = fc.oneof(fc.constant(secret), fc.constant({ stringValue: secret }), fc.jsonValue());
    const record = fc.dictionary(
      fc.constantFrom(
        'name',
        'traceId',
        'spanId',
        'attributes',
        'events',
        'status',
        'body',
        'unit',
        'sum',
        'severityText',
        'key',
        'value',
      ),
      leaf,
    );
    const kinds = fc.constantFrom<SignalKind>('traces', 'metrics', 'logs');
    fc.assert(
      fc.property(kinds, fc.array(record), leaf, (kind, records, owner) => {
        const withIds = records.map((item) => ({
          ...item,
          traceId,
          spanId,
          attributes: [{ key: 'k', value: { stringValue: secret } }, item],
        }));
        const resources = [
          {
            resource: owner,
            scopeSpans: [{ spans: withIds, scope: owner }],
            scopeMetrics: [{ metrics: withIds }],
            scopeLogs: [{ logRecords: withIds }],
          },
        ];

        const clean = cleanSignals(kind, resources, 'acme');

        expect(JSON.stringify(clean)).not.toContain(secret);
      }),
    );
  });
});
