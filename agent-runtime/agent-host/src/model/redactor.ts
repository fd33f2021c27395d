import type { RedactionRule } from '@steward/contracts';
import { createSecretFinder, replaceFound, type SecretFinder } from '@steward/secrets';

/** Shorter secrets would be found in ordinary words. */
const shortestSecret = 8;

/** Takes secrets out of text; `find` is the same as ranges, for text that comes in pieces. */
export interface Redactor {
  (text: string): string;
  readonly find: SecretFinder;
}

/**
 * Makes the function that takes secrets out of text and leaves a marker that says what kind it was, `[redacted: kind]`.
 * Besides the bundle's rules, the given secrets (tokens of this process, and those called by a name) are always taken out.
 */
export function createRedactor(
  rules: readonly RedactionRule[],
  secrets: readonly string[] = [],
  called: readonly { readonly text: string; readonly kind: string }[] = [],
): Redactor {
  const named = rules.flatMap((rule) =>
    rule.kind === 'literal' && rule.literal !== undefined
      ? [{ text: rule.literal, kind: rule.label ?? 'text named by the policy' }]
      : [],
  );
  const own = secrets
    .filter((secret) => secret.length >= shortestSecret)
    .map((text) => ({ text, kind: 'token of this session' }));
  const detect = rules.some((rule) => rule.kind === 'detectors');
  const find = createSecretFinder({ literals: [...called, ...named, ...own], detect });
  return Object.assign((text: string) => replaceFound(text, find(text)), { find });
}
