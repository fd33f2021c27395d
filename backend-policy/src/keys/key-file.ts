import { readFile, rename, writeFile, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StewardError } from '@steward/sdk';
import { ConfigError } from '@steward/service-kit';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'jose';

/** What a key is for: signing soon, signing now, verifying what it signed before, or nothing any more. */
export type KeyState = 'next' | 'current' | 'previous' | 'revoked';

/** One key as it is kept; a revoked one has no private part any more. */
export interface KeptKey {
  readonly jwk: JWK & { readonly kid: string };
  readonly state: KeyState;
  /** Since when it is in this state; ISO 8601. */
  readonly since: string;
  readonly reason?: string;
}

/** How long a key that no longer signs is published: a bundle's longest life and grace together. */
const keepPreviousMs = 9 * 24 * 3600 * 1000;

/** Keys to begin with: one that signs and the one that comes next, published beforehand. */
export async function firstKeys(now: string): Promise<KeptKey[]> {
  return [await freshKey('current', now), await freshKey('next', now)];
}

/** The next key signs from now on; the one before stays published until nothing that it signed is valid. Pure but for the fresh key. */
export async function rotate(keys: readonly KeptKey[], now: string, reason: string): Promise<KeptKey[]> {
  const kept = keys.filter(
    ({ state, since }) => state !== 'previous' || Date.parse(now) - Date.parse(since) < keepPreviousMs,
  );
  const next = kept.find(({ state }) => state === 'next') ?? (await freshKey('next', now));
  return [
    { ...next, state: 'current', since: now, reason },
    await freshKey('next', now),
    ...kept
      .filter(({ jwk }) => jwk.kid !== next.jwk.kid)
      .map((key): KeptKey => (key.state === 'current' ? { ...key, state: 'previous', since: now } : key)),
  ];
}

/** The key verifies nothing from now on; when it was the one that signs, the next one does. @throws NOT_FOUND, CONFLICT */
export async function revoke(
  keys: readonly KeptKey[],
  kid: string,
  now: string,
  reason: string,
): Promise<readonly KeptKey[]> {
  const found = keys.find(({ jwk }) => jwk.kid === kid);
  if (found === undefined) throw new StewardError('NOT_FOUND', `There is no signing key ${kid}.`);
  if (found.state === 'revoked') return keys;
  const rotated = found.state === 'current' ? await rotate(keys, now, `Replaces a revoked key: ${reason}`) : keys;
  const replaced = found.state === 'next' ? [...rotated, await freshKey('next', now)] : rotated;
  return replaced.map((key): KeptKey => {
    if (key.jwk.kid !== kid) return key;
    const { d: _private, ...jwk } = key.jwk;
    return { jwk: jwk as KeptKey['jwk'], state: 'revoked', since: now, reason };
  });
}

/** Reads the keys; undefined when there is no file. Keys of the first format, without states, are taken over. */
export async function readKeyFile(file: string, now: string): Promise<readonly KeptKey[] | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return parseKeys(text, file, now);
}

/** Replaces the file as a whole; readable by its owner only. */
export async function writeKeyFile(file: string, keys: readonly KeptKey[], create = false): Promise<void> {
  const text = JSON.stringify({ keys: keys.map(({ jwk, ...rest }) => ({ ...jwk, ...rest })) });
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  if (create) return writeFile(file, text, { flag: 'wx', mode: 0o600, flush: true });
  const next = `${file}.${process.pid}`;
  await writeFile(next, text, { mode: 0o600, flush: true });
  await rename(next, file);
}

/** Changes with every change of the file; undefined when there is none. */
export async function keyFileMark(file: string): Promise<string | undefined> {
  try {
    const { mtimeMs, ino, size } = await stat(file);
    return `${mtimeMs}:${ino}:${size}`;
  } catch {
    return undefined;
  }
}

async function freshKey(state: KeyState, since: string): Promise<KeptKey> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  return { jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' }, state, since };
}

const states: readonly unknown[] = ['next', 'current', 'previous', 'revoked'];

async function parseKeys(text: string, file: string, now: string): Promise<KeptKey[]> {
  try {
    const { keys } = JSON.parse(text) as { keys: (JWK & Partial<Omit<KeptKey, 'jwk'>>)[] };
    const kept = await Promise.all(
      keys.map(async ({ state, since, reason, ...jwk }, index): Promise<KeptKey> => {
        const known = states.includes(state) ? state! : index === 0 ? 'current' : 'previous';
        if (jwk.crv !== 'Ed25519' || (known !== 'revoked' && typeof jwk.d !== 'string')) throw new Error('no key');
        const kid = jwk.kid ?? (await calculateJwkThumbprint(jwk));
        return { jwk: { ...jwk, kid }, state: known, since: since ?? now, ...(reason === undefined ? {} : { reason }) };
      }),
    );
    if (kept.filter(({ state }) => state === 'current').length === 1) return kept;
  } catch {
    // Refused below, without repeating what may be key material.
  }
  throw new ConfigError(`${file} must hold a JWK set with private Ed25519 keys, one of which is current.`);
}
