import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Decision, PolicyAction, PolicyBundle, PolicyFacts } from '@steward/contracts';
import {
  canonicalJson,
  decide,
  digestOf,
  factsNeeded,
  isPrivateAddress,
  normalizePath,
  parseTarget,
  starterPolicies,
  validateBundle,
} from '../src/index.ts';
import { bundleOf, linux } from './support.ts';

const strictness: Record<Decision['decision'], number> = { allow: 0, require_approval: 1, deny: 2 };
const bundles = Object.values(starterPolicies).map((policy) => bundleOf(policy));
const anyBundle = fc.constantFrom(...bundles);
const words = fc.constantFrom(
  'ls',
  'cat',
  'npm',
  'test',
  'git',
  'status',
  'sudo',
  'rm',
  '-rf',
  '/',
  '~/.ssh',
  '$(',
  ')',
  '"',
  "'",
  '`',
  ';',
  '&&',
  '|',
  '>',
  '<',
  '<<EOF',
  '\n',
  'EOF',
  '{',
  '}',
  'env',
  'xargs',
  '-exec',
  'find',
  '.',
  'bash',
  '-c',
  '$x',
  '*',
  'cd',
  '..',
  'A=1',
  'if',
  'then',
  'fi',
  '\\',
  '[[',
  ']]',
  '((',
  '))',
  'sed',
  's/a/b/e',
  'eval',
);
const commandText = fc.array(words, { maxLength: 25 }).map((list) => list.join(' '));
const anyAction: fc.Arbitrary<PolicyAction> = fc.oneof(
  commandText.map((command) => ({ toolName: 'RunCommand', arguments: { command } })),
  fc.record({
    toolName: fc.constantFrom('ReadFile', 'WriteFile', 'DeleteFile', 'ListDirectory', 'UploadArtifact'),
    arguments: fc.record({ path: fc.string({ maxLength: 40 }), content: fc.string() }),
  }),
  fc.webUrl().map((url) => ({ toolName: 'HttpRequest', arguments: { method: 'GET', url } })),
  fc.record({
    toolName: fc.constantFrom('a/b', 'LLM.Call', 'Nope'),
    arguments: fc.dictionary(fc.string(), fc.string()),
  }),
);

describe('decide', () => {
  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), fc.anything(), (bundle, action, facts, context) => {
        const decided = decide(bundle as PolicyBundle, action as PolicyAction, facts as PolicyFacts, context as object);

        expect(decided.decision).toBe('deny');
      }),
      { numRuns: 500 },
    );
  });

  it('never throws on odd arguments and facts under a real policy', () => {
    fc.assert(
      fc.property(
        anyBundle,
        fc.constantFrom('RunCommand', 'ReadFile', 'HttpRequest', 'a/b', 'LLM.Call', 'UploadArtifact', 'SearchText'),
        fc.dictionary(
          fc.constantFrom('path', 'command', 'url', 'cwd', 'stdin', 'headers', 'method', 'model', 'pattern', 'glob'),
          fc.oneof(fc.anything(), commandText),
        ),
        fc.anything(),
        (bundle, toolName, args, facts) => {
          const decided = decide(bundle, { toolName, arguments: args }, facts as PolicyFacts);

          expect(['allow', 'require_approval', 'deny']).toContain(decided.decision);
          expect(decided.actionDigest).toBe(digestOf(decided.normalizedAction));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives the same answer to the same question', () => {
    fc.assert(
      fc.property(anyBundle, anyAction, (bundle, action) => {
        expect(decide(structuredClone(bundle), structuredClone(action), { ...linux })).toEqual(
          decide(bundle, action, linux),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('is never widened by task options, time, bundle state, kill switch or zone', () => {
    const narrowing = fc.record({
      taskOptions: fc.record({
        allowNetwork: fc.boolean(),
        approvalMode: fc.constantFrom('always' as const, 'on_risky_actions' as const, 'never' as const),
      }),
      bundleState: fc.constantFrom(
        'active' as const,
        'grace' as const,
        'expired' as const,
        'invalid' as const,
        'absent' as const,
      ),
      now: fc.constantFrom('2026-02-21T15:30:00.000Z', '2026-02-21T16:30:00.000Z', '2027-01-01T00:00:00.000Z'),
    });
    fc.assert(
      fc.property(anyBundle, anyAction, narrowing, fc.boolean(), (bundle, action, context, killSwitch) => {
        const free = decide(bundle, action, linux);
        const narrowed = decide({ ...bundle, killSwitch }, action, linux, context);

        expect(strictness[narrowed.decision]).toBeGreaterThanOrEqual(strictness[free.decision]);
      }),
      { numRuns: 500 },
    );
  });

  it('is never widened by more blocks, more rules or fewer grants', () => {
    fc.assert(
      fc.property(anyBundle, anyAction, (bundle, action) => {
        const free = decide(bundle, action, linux);
        const rule = {
          ruleId: 'r',
          title: 'Ask',
          capability: 'Shell.Exec' as const,
          decision: 'require_approval' as const,
          approverRole: 'user' as const,
        };
        const narrower = [
          { ...bundle, approvalRules: [...bundle.approvalRules, rule] },
          {
            ...bundle,
            capabilities: bundle.capabilities.map((each) => ({
              ...each,
              blockedPaths: [...(each.blockedPaths ?? []), '${workspace}'],
              blockedCommands: [...(each.blockedCommands ?? []), 'ls'],
            })),
          },
          {
            ...bundle,
            capabilities: bundle.capabilities.map((each) => ({
              ...each,
              allowedCommands: [],
              allowedPaths: [],
              allowedDomains: [],
            })),
          },
          { ...bundle, capabilities: bundle.capabilities.map((each) => ({ ...each, requiresApproval: true })) },
        ];
        for (const each of narrower)
          expect(strictness[decide(each, action, linux).decision]).toBeGreaterThanOrEqual(strictness[free.decision]);
      }),
      { numRuns: 300 },
    );
  });

  it('never lets a blocked program slip in beside an allowed one', () => {
    const glue = fc.constantFrom('; ', ' && ', ' || ', ' | ', ' & ', '\n', ' |& ');
    const hide = fc.constantFrom(
      'sudo id',
      "s'u'do id",
      '\\sudo id',
      'env sudo id',
      'echo $(sudo id)',
      'bash -c "sudo id"',
      '(sudo id)',
      'if true; then sudo id; fi',
      'timeout 3 sudo id',
      'eval sudo id',
      'find . -exec sudo id \\;',
      'echo `sudo id`',
      'cat <(sudo id)',
      'f() { sudo id; }',
    );
    const benign = fc.constantFrom('ls', 'git status', 'cat a.txt', 'echo hi > out.txt', 'cd src');
    fc.assert(
      fc.property(fc.array(fc.tuple(benign, glue), { maxLength: 5 }), hide, (before, hidden) => {
        const command = before.map(([text, joint]) => text + joint).join('') + hidden;

        expect(
          decide(bundles[0] as PolicyBundle, { toolName: 'RunCommand', arguments: { command } }, linux).decision,
        ).toBe('deny');
      }),
      { numRuns: 300 },
    );
  });
});

describe('helpers', () => {
  it('are total', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('linux' as const, 'darwin' as const, 'win32' as const),
        (value, text, platform) => {
          normalizePath(value, { platform, cwd: platform === 'win32' ? 'C:\\x' : '/x' });
          normalizePath(text, { platform, cwd: platform === 'win32' ? 'C:\\x' : '/x' });
          parseTarget(value);
          isPrivateAddress(text);
          canonicalJson(value);
          validateBundle(value as PolicyBundle);
          factsNeeded(value as PolicyBundle, value as PolicyAction, value as PolicyFacts);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('make equal JSON of equal values, whatever the order of their members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());

        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
