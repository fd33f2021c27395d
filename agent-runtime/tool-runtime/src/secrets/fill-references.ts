import type { NamedSecret } from '@steward/contracts';
import { parseTarget } from '@steward/policy-engine';
import { findSecrets } from '@steward/secrets';
import { StewardError } from '@steward/sdk';
import { simpleCommandWords } from '../platform/simple-command.ts';

const wholeReference = /^secret:\/\/([a-z0-9][a-z0-9._-]{0,63})$/;
const innerReference = /\{secret:\/\/([a-z0-9][a-z0-9._-]{0,63})\}/g;
const ownNames = /^(?:PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|ENV|IFS|(?:STEWARD|LD|DYLD|GIT|BASH|XDG)_.*)$/;
const credentialNames = /(?:^|_)(?:TOKEN|KEY|SECRET|PASSWORD|PASSPHRASE|ID|USER|USERNAME)$/;

/**
 * The variables of one command with every `secret://name` replaced by its value. Only a plain command without shell
 * syntax, whose first words the secret lists, gets a value.
 * @throws CAPABILITY_DENIED or INVALID_REQUEST naming the variable or the secret, never a value
 */
export function fillVariables(
  env: Readonly<Record<string, string>>,
  command: string,
  secrets: readonly NamedSecret[],
  isHandedOnly: (name: string) => boolean,
): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [name, text] of Object.entries(env)) {
    if (ownNames.test(name) || !(isHandedOnly(name) || credentialNames.test(name)))
      throw refusal(
        `RunCommand sets no variable ${name}: it can change which code runs. Leave it out.`,
        'COMMAND_CHANGES_ENVIRONMENT',
      );
    const secretName = wholeReference.exec(text)?.[1];
    if (secretName === undefined) {
      assertPlain(text, `the variable ${name}`);
      filled[name] = text;
      continue;
    }
    const secret = find(secrets, secretName);
    const words = simpleCommandWords(command);
    const listed = secret.allowedCommands?.some((entry) => {
      const wanted = entry.trim().split(/\s+/);
      return words !== undefined && wanted.every((word, index) => words[index] === word);
    });
    if (listed !== true)
      throw refusal(
        `The secret ${secretName} may not be used by this command. It is for plain commands that begin with: ${listOf(secret.allowedCommands)}.`,
        'SECRET_NOT_FOR_COMMAND',
      );
    filled[name] = secret.value;
  }
  return filled;
}

/**
 * The headers of one request with every reference replaced, and the lower-case names of those that hold a value now.
 * @throws as {@link fillVariables}
 */
export function fillHeaders(
  headers: Readonly<Record<string, string>>,
  url: string,
  secrets: readonly NamedSecret[],
): { readonly headers: Record<string, string>; readonly holdSecrets: ReadonlySet<string> } {
  const holdSecrets = new Set<string>();
  const filled: Record<string, string> = {};
  for (const [header, text] of Object.entries(headers)) {
    const valueOf = (name: string): string => {
      const secret = find(secrets, name);
      if (!isListedHost(secret.allowedHosts ?? [], url))
        throw refusal(
          `The secret ${name} may not be sent to this host. It is for: ${listOf(secret.allowedHosts)}.`,
          'SECRET_NOT_FOR_HOST',
        );
      holdSecrets.add(header.toLowerCase());
      return secret.value;
    };
    const whole = wholeReference.exec(text)?.[1];
    filled[header] =
      whole === undefined ? text.replace(innerReference, (_, name: string) => valueOf(name)) : valueOf(whole);
    if (filled[header] === text && text.includes('secret://'))
      throw new StewardError(
        'INVALID_REQUEST',
        `The header ${header.slice(0, 100)} names a secret in a way that is not understood. Write secret://name alone, or {secret://name} inside a value.`,
      );
  }
  return { headers: filled, holdSecrets };
}

/** A host without a port means the standard port of the address. */
function isListedHost(entries: readonly string[], url: string): boolean {
  const parsed = parseTarget(url);
  if (!parsed.ok) return false;
  const { host, port, scheme } = parsed.target;
  const standard = port === (scheme === 'https' ? 443 : 80);
  return entries.some((entry) => {
    const wanted = entry.trim().toLowerCase();
    return wanted === `${host}:${port}` || (standard && wanted === host);
  });
}

function find(secrets: readonly NamedSecret[], name: string): NamedSecret {
  const secret = secrets.find((each) => each.name === name);
  if (secret !== undefined) return secret;
  throw new StewardError(
    'INVALID_REQUEST',
    `There is no secret named ${name}. The person adds secrets under Settings; ask for it by this name.`,
    { details: { secretName: name } },
  );
}

function assertPlain(text: string, where: string): void {
  if (text.includes('secret://'))
    throw new StewardError(
      'INVALID_REQUEST',
      `In ${where} a secret is named in a way that is not understood. Write secret://name and nothing else.`,
    );
  const kind = findSecrets(text)[0]?.kind;
  if (kind !== undefined)
    throw refusal(`In ${where} stands what looks like a secret (${kind}). Use a secret by its name.`, 'SECRET_IN_TEXT');
}

function listOf(entries: readonly string[] | undefined): string {
  return entries === undefined || entries.length === 0 ? 'none' : entries.join(', ');
}

function refusal(message: string, reason: string): StewardError {
  return new StewardError('CAPABILITY_DENIED', message, { details: { reasonCodes: [reason] } });
}
