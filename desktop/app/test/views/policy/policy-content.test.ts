import { describe, expect, it } from '@jest/globals';
import type { PolicyContent } from '@steward/contracts';
import fc from 'fast-check';
import { fromText, toText, withNewRule, withRule } from '../../../src/views/policy/policy-content.ts';

const content: PolicyContent = {
  name: 'Careful developer',
  zone: 'supervised',
  capabilities: [{ name: 'File.Read', allowedPaths: ['${workspace}'], requiresApproval: false }],
  llmPolicy: { allowedModels: ['demo-1'], maxInputTokens: 1, maxOutputTokens: 1, maxSessionTokens: 1 },
  approvalRules: [{ ruleId: 'rule-2', title: 'Ask', capability: 'Shell.Exec', decision: 'deny' }],
  redactionRules: [],
  mcpServers: [],
  offlineGraceSeconds: 0,
};

describe('the content of a policy draft', () => {
  it('is the same after being written as text and read again', () => {
    expect(fromText(toText(content))).toEqual(content);
  });

  it('gives a new rule an id that no other rule has', () => {
    expect(withNewRule(content).approvalRules.map((rule) => rule.ruleId)).toEqual(['rule-2', 'rule-3']);
  });

  it('loses a rule that is replaced by nothing', () => {
    expect(withRule(content, 0, null).approvalRules).toEqual([]);
  });

  it('has no form while the text is something else, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(fromText(text)).toBeNull();
      }),
    );
  });

  it.each([
    ['a list that holds numbers', { ...content, capabilities: [{ name: 'File.Read', allowedPaths: [1] }] }],
    ['an unknown capability', { ...content, capabilities: [{ name: 'Mind.Read' }] }],
    ['rules that are no list', { ...content, approvalRules: {} }],
  ])('has no form for %s', (_name, wrong) => {
    expect(fromText(JSON.stringify(wrong))).toBeNull();
  });
});
