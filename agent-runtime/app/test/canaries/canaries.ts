import { createHash } from 'node:crypto';

/** A planted secret: the text that may be seen nowhere, what stands around it, and the kind that its marker names. */
export interface Canary {
  readonly secret: string;
  /** The secret as it is written where it is planted. */
  readonly written: string;
  readonly kind: string;
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const mixed = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
const hexDigits = '0123456789abcdef';

/** Characters that look random and are the same in every run. */
function letters(seed: string, length: number, from: string): string {
  let text = '';
  for (let round = 0; text.length < length; round++)
    for (const byte of createHash('sha512').update(`${seed} ${round}`).digest()) text += from[byte % from.length];
  // Digits are spread in, so that every one has the look of a key.
  return text.slice(0, length).replaceAll(/(.{5})./g, (whole, head: string) => (from === mixed ? `${head}7` : whole));
}

/** One of each kind that the detectors know, other ones for each place. Put together here, so that no file holds one. */
export function canariesFor(place: string): Canary[] {
  const of = (kind: string, length: number, from = mixed): string => letters(`${place} ${kind}`, length, from);
  const plain: readonly (readonly [kind: string, secret: string])[] = [
    ['AWS access key', `AKIA${of('aws', 16, upper)}`],
    ['GitHub token', `gh` + `p_${of('github', 36)}`],
    ['GitLab token', `gl` + `pat-${of('gitlab', 20)}`],
    ['Slack token', `xo` + `xb-${of('slack', 12, '123456789')}-${of('slack2', 12, '123456789')}-${of('slack3', 24)}`],
    ['API key', `sk` + `-proj-${of('api', 48)}`],
    ['Google API key', `AI` + `za${of('google', 35)}`],
    ['Google OAuth token', `ya` + `29.${of('oauth', 60)}`],
    ['npm token', `npm` + `_${of('npm', 36)}`],
    ['PyPI token', `pypi` + `-${of('pypi', 80)}`],
    ['Stripe key', `sk` + `_live_${of('stripe', 24)}`],
    ['Twilio key', `SK${of('twilio', 32, hexDigits)}`],
    ['DigitalOcean token', `do` + `p_v1_${of('ocean', 64, hexDigits)}`],
    ['age key', `AGE-SECRET` + `-KEY-1${of('age', 58, upper)}`],
    ['JSON web token', `eyJ${of('jwt', 30)}.eyJ${of('jwt2', 60)}.${of('jwt3', 43)}`],
  ];
  const written: readonly (readonly [kind: string, secret: string, written: string])[] = [
    ['password in an address', of('basic', 20), `https://deploy:${of('basic', 20)}@repo.example.net/x`],
    ['storage account key', of('storage', 64), `AccountKey=${of('storage', 64)}==`],
    ['bearer token', of('bearer', 40), `Authorization: Bearer ${of('bearer', 40)}`],
    ['secret', of('assigned', 24), `DB_PASSWORD=${of('assigned', 24)}`],
    ['secret', of('quoted', 24), `apiSecret: '${of('quoted', 24)}'`],
    [
      'private key',
      of('key', 300).slice(100, 164),
      `-----BEGIN ${'RSA'} PRIVATE KEY-----\n${of('key', 640).replaceAll(/.{64}/g, '$&\n')}-----END RSA PRIVATE KEY-----`,
    ],
  ];
  return [
    ...plain.map(([kind, secret]) => ({ kind, secret, written: secret })),
    ...written.map(([kind, secret, text]) => ({ kind, secret, written: text })),
  ];
}

/** All of a place as a text of lines. */
export function textOf(canaries: readonly Canary[]): string {
  return canaries.map(({ written }, index) => `line ${index} is ${written} here\n`).join('');
}
