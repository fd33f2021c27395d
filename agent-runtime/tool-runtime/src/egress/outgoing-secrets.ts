import { Transform } from 'node:stream';
import { findSecrets } from '@steward/secrets';
import { StewardError } from '@steward/sdk';

/** Bytes that are held back, so that a secret in two pieces is still seen whole before any of it leaves. */
const heldBytes = 4_096;
const windowBytes = 65_536;

/**
 * Refuses text that is about to leave the machine when it holds a secret. Throws CAPABILITY_DENIED naming the kind and
 * never the text. What is encoded as a URL is looked at decoded too.
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
  const found = findSecrets(text)[0]?.kind;
  if (found !== undefined || !text.includes('%')) return found;
  // Every escaped byte on its own: a text that is only partly well-formed still gives its secrets away.
  const decoded = text.replaceAll(/%[0-9A-Fa-f]{2}/g, (code) => String.fromCharCode(parseInt(code.slice(1), 16)));
  return findSecrets(decoded)[0]?.kind;
}
