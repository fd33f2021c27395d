import { Transform } from 'node:stream';
import { decodedForms, findSecrets, type FoundSecret } from '@steward/secrets';
import { StewardError } from '@steward/sdk';

/** Bytes that are held back, so that a secret in two pieces is still seen whole before any of it leaves. */
const heldBytes = 4_096;
const windowBytes = 65_536;

/**
 * Refuses text that is about to leave the machine when it holds a secret. Throws CAPABILITY_DENIED naming the kind and
 * never the text. What is encoded is looked at decoded too.
 */
export function assertNoSecret(text: string, where: string): void {
  const kind = kindOf(text);
  if (kind === undefined) return;
  throw new StewardError(
    'CAPABILITY_DENIED',
    `Network.Http sends no secrets: ${where} holds what looks like a secret (${kind}). Leave it out, or use a secret by its name.`,
    { details: { reasonCodes: ['SECRET_IN_REQUEST'], kind } },
  );
}

/** The same for headers; `held` are lower-case names of those that hold a secret by its name, or ids of a protocol. */
export function assertNoSecretInHeaders(
  headers: Readonly<Record<string, string | readonly string[]>>,
  held: ReadonlySet<string> = new Set(),
): void {
  for (const [name, value] of Object.entries(headers))
    if (!held.has(name.toLowerCase())) assertNoSecret(`${name}: ${[value].flat().join(', ')}`, 'a header');
}

/** The same for content of any kind on its way into the workspace. Throws CAPABILITY_DENIED naming what holds it. */
export function assertNoSecretInUpload(
  text: string,
  name: string,
  find?: (text: string) => readonly FoundSecret[],
): void {
  const kind = find?.(text)[0]?.kind ?? kindOf(text);
  if (kind === undefined) return;
  throw new StewardError(
    'CAPABILITY_DENIED',
    `Workspace.Upload keeps no secrets: ${name} holds what looks like a secret (${kind}). Leave it out.`,
    { details: { reasonCodes: ['SECRET_IN_UPLOAD'], kind } },
  );
}

/** Lets bytes through as long as they hold no secret; fails before the first byte of one has passed. */
export function secretBarrier(where: string): Transform {
  let held = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done): void {
      held = Buffer.concat([held, chunk]);
      if (held.length < windowBytes) return done();
      const problem = problemIn(held, where);
      if (problem !== undefined) return done(problem);
      this.push(held.subarray(0, held.length - heldBytes));
      held = held.subarray(held.length - heldBytes);
      done();
    },
    flush(done): void {
      const problem = problemIn(held, where);
      if (problem === undefined) this.push(held);
      done(problem);
    },
  });
}

function problemIn(bytes: Buffer, where: string): Error | undefined {
  try {
    assertNoSecret(bytes.toString('latin1'), where);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function kindOf(text: string): string | undefined {
  for (const form of [text, ...decodedForms(text)]) {
    const kind = findSecrets(form)[0]?.kind;
    if (kind !== undefined) return kind;
  }
  return undefined;
}
