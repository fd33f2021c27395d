import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerable } from '../../src/views/approvals/answerable.ts';
import { markRisky } from '../../src/views/approvals/risky-parts.ts';
import { subjectParts } from '../../src/views/approvals/subject.ts';
import { approvalFor } from '../state/events.ts';

describe('markRisky', () => {
  it('marks every occurrence, overlapping ones as one', () => {
    expect(markRisky('rm -rf a && rm -rf b', ['rm -rf', '-rf a'])).toEqual([
      { text: 'rm -rf a', risky: true },
      { text: ' && ', risky: false },
      { text: 'rm -rf', risky: true },
      { text: ' b', risky: false },
    ]);
  });

  it('shows the whole text whatever is risky', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string({ maxLength: 3 })), (source, risky) => {
        expect(
          markRisky(source, risky)
            .map((part) => part.text)
            .join(''),
        ).toBe(source);
      }),
    );
  });
});

describe('subjectParts', () => {
  const approval = approvalFor('tc_1');

  it('shows a command exactly', () => {
    expect(subjectParts(approval)).toEqual([{ label: 'Command', value: 'npm test', isDiff: false }]);
  });

  it('shows an action raw when its kind is not known or says nothing', () => {
    const raw = [
      {
        label: 'Exact action',
        value: '{\n  "toolName": "RunCommand",\n  "arguments": {\n    "command": "npm test"\n  }\n}',
        isDiff: false,
      },
    ];

    expect(subjectParts({ ...approval, subject: { kind: 'teleport' as never } })).toEqual(raw);
    expect(subjectParts({ ...approval, subject: { kind: 'file_write' } })).toEqual(raw);
  });

  it('shows what a command and a request are given beside their text, secrets by their names', () => {
    const parts = [
      {
        kind: 'command' as const,
        command: 'npm publish',
        body: 'yes',
        arguments: { env: { NPM_TOKEN: 'secret://npm', CI: '1' } },
      },
      { kind: 'network' as const, url: 'https://a.test', arguments: { headers: { 'x-api': 'secret://api' } } },
    ].map((subject) => subjectParts({ ...approval, subject }).map(({ label, value }) => [label, value]));

    expect(parts).toEqual([
      [
        ['Command', 'npm publish'],
        ['Variables', 'NPM_TOKEN=secret://npm\nCI=1'],
        ['Input', 'yes'],
      ],
      [
        ['Address', 'https://a.test'],
        ['Headers', 'x-api: secret://api'],
      ],
    ]);
  });

  it('shows method, address and body of a request', () => {
    expect(
      subjectParts({
        ...approval,
        subject: { kind: 'network', method: 'POST', url: 'https://example.com/a', body: 'x=1' },
      }),
    ).toEqual([
      { label: 'Address', value: 'POST https://example.com/a', isDiff: false },
      { label: 'Body', value: 'x=1', isDiff: false },
    ]);
  });
});

describe('answerable', () => {
  it('refuses with the reason when offline or when another person has to decide', () => {
    const running = { runtime: 'running' as const };

    expect(answerable({}, 'up', running)).toBeNull();
    expect(answerable({}, 'down', running)).toContain('No connection');
    expect(answerable({ approverRole: 'approver' }, 'up', running)).toContain('other than you');
  });

  it('refuses while the runtime that asked does not run, since nobody would hear the answer', () => {
    expect(answerable({}, 'up', { runtime: 'starting' })).toContain('is starting');
    expect(answerable({}, 'up', { runtime: 'crashed' })).toContain('Resume the conversation');
    expect(answerable({}, 'up', null)).toContain('Resume the conversation');
  });
});
