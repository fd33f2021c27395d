import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PolicyAction, PolicyFacts } from '@steward/contracts';
import { decide } from '../src/index.ts';
import { linux, starterBundle } from './support.ts';

const bundle = starterBundle('Trusted project');
const odd = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', '\udfff\ud800', 'a\0b', '\u202e', '\u0301'.repeat(100), 'ſ', 'K'),
);
const run = (command: string) => decide(bundle, { toolName: 'RunCommand', arguments: { command } }, linux);

describe('the decision is total', () => {
  it('on text of any characters, in every argument and fact', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('RunCommand', 'ReadFile', 'WriteFile', 'HttpRequest', 'SearchText', 'UploadArtifact', 'a/b'),
        fc.array(odd, { minLength: 12, maxLength: 12 }),
        fc.constantFrom('linux' as const, 'darwin' as const, 'win32' as const),
        (toolName, [a, b, c, d, e, f, g, h, i, j, k, l], platform) => {
          const action = {
            toolName,
            arguments: { command: a, path: b, url: c, cwd: d, stdin: e, pattern: f, glob: g, content: h, name: i },
          } as PolicyAction;
          const facts = { platform, cwd: j, workspaceDir: k, homeDir: l, realPaths: { [b ?? '']: c } } as PolicyFacts;

          expect(['allow', 'require_approval', 'deny']).toContain(decide(bundle, action, facts).decision);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['parentheses', '(', 10_000],
    ['substitutions', '$(', 10_000],
    ['braces', '{a,', 10_000],
    ['quotes', '"$(', 10_000],
    ['here-documents', '<<E\n', 10_000],
    ['programs', 'evil; ', 33_000],
    ['pipes', 'a|', 100_000],
    ['backslashes', '\\', 200_000],
    ['climbing', 'cat ../', 28_000],
    ['tests', '[[ a < b ]] && ', 13_000],
    ['arithmetic', '$((', 60_000],
    ['backticks', '`', 200_000],
    ['loops', 'for f in a b c; do ', 10_000],
  ])('on up to 200 kB of %s, and never allows it', (_, piece, count) => {
    expect(run(piece.repeat(count)).decision).not.toBe('allow');
  });

  it('on a list so long that a blocked program stands behind what is judged', () => {
    expect(run(`${'ls; '.repeat(6000)}sudo id`).decision).toBe('deny');
    expect(run(`${'ls; '.repeat(4000)}sudo id`).reasonCodes[0]).toBe('COMMAND_BLOCKED');
  });

  it('on arguments nested 10,000 levels deep', () => {
    let nested: Record<string, unknown> = {};
    for (let i = 0; i < 10_000; i++) nested = { a: nested };

    expect(decide(bundle, { toolName: 'a/b', arguments: nested }, linux).decision).not.toBe('allow');
  });
});
