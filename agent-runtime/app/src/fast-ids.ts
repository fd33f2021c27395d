import { randomFillSync } from 'node:crypto';
import type { IdPrefix, NewId } from '@steward/sdk';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const randomChars = 16;
const poolBytes = 4096;

/**
 * Makes the same ids as the SDK's `newId` (prefix and ULID, rising within the process) from a pool of random bytes: a
 * step needs a dozen of them, and asking the system for each character costs more than the rest of an event.
 */
export function createFastIds(now: () => number): NewId {
  const pool = Buffer.allocUnsafe(poolBytes);
  let at = poolBytes;
  let lastMs = -1;
  let time = '';
  const random = new Uint8Array(randomChars);
  return (prefix: IdPrefix) => {
    const ms = Math.max(lastMs, now());
    if (ms === lastMs) increment(random);
    else {
      if (at + randomChars > poolBytes) {
        randomFillSync(pool);
        at = 0;
      }
      for (let index = 0; index < randomChars; index += 1) random[index] = pool[at + index]! & 31;
      at += randomChars;
      lastMs = ms;
      time = encodeTime(ms);
    }
    let text = `${prefix}_${time}`;
    for (const value of random) text += alphabet[value]!;
    return text;
  };
}

/** The next greater value; the carry ends long before the first character in any real process. */
function increment(random: Uint8Array): void {
  for (let index = randomChars - 1; index >= 0; index -= 1) {
    if (random[index]! < 31) {
      random[index] = random[index]! + 1;
      return;
    }
    random[index] = 0;
  }
}

function encodeTime(ms: number): string {
  let text = '';
  for (let rest = ms, index = 0; index < 10; index += 1) {
    text = alphabet[rest % 32]! + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
