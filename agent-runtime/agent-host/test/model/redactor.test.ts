import { describe, expect, it } from '@jest/globals';
import { createRedactor } from '../../src/model/redactor.ts';

const detectors = { ruleId: 'secrets', kind: 'detectors' } as const;

describe('the redactor', () => {
  it.each([
    ['AKIAABCDEFGHIJKLMNOP', '[redacted: AWS access key]'],
    [`ghp_${'a'.repeat(36)}`, '[redacted: GitHub token]'],
    ['xoxb-1234567890-abcdef', '[redacted: Slack token]'],
    [`-----BEGIN RSA PRIVATE KEY-----\n${'A'.repeat(64)}\n-----END RSA PRIVATE KEY-----`, '[redacted: private key]'],
    [`eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(20)}`, '[redacted: JSON web token]'],
  ])('takes %s out and says what it was', (secret, marker) => {
    expect(createRedactor([detectors])(`before ${secret} after`)).toBe(`before ${marker} after`);
  });

  it('takes out what the policy names and the tokens of this process, even without detectors', () => {
    const redact = createRedactor(
      [{ ruleId: 'r', kind: 'literal', literal: 'Project X', label: 'project name' }],
      ['gateway-token'],
    );

    expect(redact('Project X uses gateway-token and AKIAABCDEFGHIJKLMNOP')).toBe(
      '[redacted: project name] uses [redacted: token of this session] and AKIAABCDEFGHIJKLMNOP',
    );
  });

  it('leaves ordinary text as it is', () => {
    const text = 'task-list, skills, eyes, AKIA, ghp_ and -----BEGIN CERTIFICATE-----';

    expect(createRedactor([detectors])(text)).toBe(text);
  });
});
