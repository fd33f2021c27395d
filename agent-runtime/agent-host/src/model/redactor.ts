import type { RedactionRule } from '@steward/contracts';

interface Detector {
  readonly kind: string;
  readonly pattern: RegExp;
}

// Each pattern starts with literal text and repeats one character class, so that none can be made slow.
const detectors: readonly Detector[] = [
  {
    kind: 'private key',
    pattern:
      /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[A-Za-z0-9+/=\s:,-]{1,20000}?-----END [A-Z ]{0,40}PRIVATE KEY-----/g,
  },
  { kind: 'AWS access key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { kind: 'GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b/g },
  { kind: 'GitLab token', pattern: /\bglpat-[A-Za-z0-9_-]{20,64}\b/g },
  { kind: 'Slack token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,200}\b/g },
  { kind: 'API key', pattern: /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,200}\b/g },
  { kind: 'Google API key', pattern: /\bAIza[0-9A-Za-z_-]{35}\b/g },
  { kind: 'npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { kind: 'Stripe key', pattern: /\b[rs]k_live_[0-9a-zA-Z]{20,99}\b/g },
  {
    kind: 'JSON web token',
    pattern: /\beyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{10,1000}\b/g,
  },
];

// One look for the fixed beginnings tells most texts that they need no closer look.
const anyHint = /-----BEGIN |AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|AIza|npm_|k_live_|eyJ/;

/**
 * Makes the function that takes secrets out of text and leaves a marker that says what kind it was, `[redacted: kind]`.
 * Besides the bundle's rules, the given secrets (tokens of this process) are always taken out.
 */
export function createRedactor(
  rules: readonly RedactionRule[],
  secrets: readonly string[] = [],
): (text: string) => string {
  const literals = rules.flatMap((rule) =>
    rule.kind === 'literal' && rule.literal !== undefined
      ? [{ text: rule.literal, kind: rule.label ?? 'text named by the policy' }]
      : [],
  );
  const own = secrets.filter((secret) => secret.length >= 8).map((text) => ({ text, kind: 'token of this session' }));
  const exact = [...literals, ...own];
  const detect = rules.some((rule) => rule.kind === 'detectors');
  return (text) => {
    let result = text;
    for (const { text: literal, kind } of exact)
      if (result.includes(literal)) result = result.replaceAll(literal, `[redacted: ${kind}]`);
    if (!detect || !anyHint.test(result)) return result;
    for (const { kind, pattern } of detectors) result = result.replace(pattern, `[redacted: ${kind}]`);
    return result;
  };
}
