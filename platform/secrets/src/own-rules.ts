import { isRandomLooking } from './entropy.ts';
import { isPasswordOfWords, isWrittenPassword } from './written-passwords.ts';

/** A kind of secret and how it looks; the first group, where there is one, is the secret itself. */
export interface OwnRule {
  readonly kind: string;
  readonly pattern: RegExp;
  /** A second look at what matched. */
  accept?(secret: string): boolean;
}

/**
 * What the library's rules leave out. Each pattern starts with fixed text and repeats one class of characters within
 * bounds, so that none can be made slow.
 */
export const ownRules: readonly OwnRule[] = [
  { kind: 'AWS access key', pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b/g },
  { kind: 'GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b/g },
  { kind: 'GitLab token', pattern: /\bgl(?:pat|ptt|dt|rt|cbt|soat)-[A-Za-z0-9_-]{20,64}\b/g },
  { kind: 'Slack token', pattern: /\bx(?:ox[abeprs]|app)-[A-Za-z0-9-]{10,200}\b/g },
  { kind: 'API key', pattern: /\bsk-(?:ant-|proj-|or-|svcacct-)?[A-Za-z0-9_-]{32,200}\b/g },
  { kind: 'Google API key', pattern: /\bAIza[0-9A-Za-z_-]{35}\b/g },
  { kind: 'Google OAuth token', pattern: /\bya29\.[0-9A-Za-z_-]{20,500}/g },
  { kind: 'npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { kind: 'PyPI token', pattern: /\bpypi-[A-Za-z0-9_-]{50,500}/g },
  { kind: 'Stripe key', pattern: /\b(?:[rs]k_(?:live|test)|whsec)_[0-9a-zA-Z]{20,120}\b/g },
  { kind: 'Twilio key', pattern: /\bSK[0-9a-f]{32}\b/g },
  { kind: 'DigitalOcean token', pattern: /\bdo[opr]_v1_[a-f0-9]{64}\b/g },
  { kind: 'age key', pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/g },
  {
    kind: 'JSON web token',
    // From the beginning of its run of characters on, since every `eyJ` within a run would be a beginning of its own.
    pattern: /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{13,8000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{10,1000}\b/g,
    accept: (token) => /^(?:[\w-]*-)?eyJ/.test(token),
  },
  { kind: 'storage account key', pattern: /\bAccountKey=([A-Za-z0-9+/]{40,100}={0,2})/g },
  { kind: 'bearer token', pattern: /\bBearer {1,3}([A-Za-z0-9_~+/.-]{24,2000}={0,2})/g, accept: isRandomLooking },
  {
    kind: 'secret',
    pattern:
      /(?:api|access|auth|account|client|private|secret|signing|encryption|passw|pwd|token|credential)[A-Za-z0-9_.-]{0,40}["'`]?\s{0,4}(?:=>|:=|[=:])\s{0,4}["'`]([^\s"'`]{12,300})["'`]/gi,
    accept: isRandomLooking,
  },
  {
    kind: 'secret',
    pattern: /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|CREDENTIALS?)=([^\s"'`$;&|<>(){}]{12,300})/g,
    accept: isRandomLooking,
  },
  {
    kind: 'password',
    // A line of its own, as in YAML, properties and ini files: a name that ends in the word, and one value to the end.
    pattern:
      /^[ \t]{0,60}(?:- )?["']?(?:[\w-]{1,40}[.:]){0,6}?[\w-]{0,40}?(?:password|passwd|passphrase|passwort|pwd|[_-]pass)["']?[ \t]{0,20}[:=][ \t]{0,20}["']?([^\s"'`<>(){}[\];,]{6,200})["']?,?[ \t]{0,20}(?:[ \t]#[^\r\n]{0,200})?$/dgim,
    accept: isWrittenPassword,
  },
  {
    kind: 'password',
    // A variable in the manner of .env files: capitals, no blanks around the sign, and one value to the end of the line.
    pattern:
      /^(?:export )?[ \t]{0,20}(?:[A-Z0-9]{1,40}_){0,6}?(?:PG)?(?:PASSWORD|PASSWD|PASSPHRASE|PWD|PASS)=["']?([A-Za-z]{8,100})["']?[ \t]{0,20}(?:[ \t]#[^\r\n]{0,200})?\r?$/dgm,
    accept: isPasswordOfWords,
  },
  {
    kind: 'database password',
    // A part of a connection string that stands after another one, as in `Server=db;User Id=app;Password=…;`.
    pattern: /=[^\s=;"'`]{1,100};[ \t]?(?:password|pwd)=([A-Za-z]{8,100})(?=[;"'`]|\s{0,4}$)/dgim,
    accept: isPasswordOfWords,
  },
];
