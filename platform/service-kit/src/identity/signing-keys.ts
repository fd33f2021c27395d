import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { ConfigError } from '../config.ts';

/** Keys with which a service signs; the first signs, all are published so that older signatures stay verifiable. */
export interface SigningKeys {
  /** Id of the key that signs. */
  readonly kid: string;
  /** Public keys only. */
  readonly jwks: { readonly keys: JWK[] };
  /** A compact JWS (EdDSA) over the JSON of the payload; `typ` keeps one kind of signature from passing as another. */
  sign(payload: object, typ: string): Promise<string>;
}

/** Fresh keys that live as long as the process, for tests and services without a key file. */
export async function createSigningKeys(): Promise<SigningKeys> {
  return keysFrom([await generate()]);
}

/**
 * Keys from a file holding a private JWK set (Ed25519), made with one key and readable by its owner only when there is
 * none yet. To rotate, put a new key first and keep the old ones until nothing signed by them matters.
 */
export async function loadOrCreateSigningKeys(file: string): Promise<SigningKeys> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    text = JSON.stringify({ keys: [await generate()] });
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    try {
      await writeFile(file, text, { flag: 'wx', mode: 0o600, flush: true });
    } catch (raced) {
      // Another process made it between the two calls: its keys count.
      if ((raced as NodeJS.ErrnoException).code !== 'EEXIST') throw raced;
      text = await readFile(file, 'utf8');
    }
  }
  return keysFrom(parse(text, file));
}

function parse(text: string, file: string): JWK[] {
  try {
    const { keys } = JSON.parse(text) as { keys?: JWK[] };
    if (
      Array.isArray(keys) &&
      keys.length > 0 &&
      keys.every((key) => key.crv === 'Ed25519' && typeof key.d === 'string')
    )
      return keys;
  } catch {
    // Refused below, without repeating what may be key material.
  }
  throw new ConfigError(`${file} must hold a JWK set with private Ed25519 keys.`);
}

async function generate(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' };
}

async function keysFrom(privateKeys: JWK[]): Promise<SigningKeys> {
  const [first] = privateKeys;
  if (first === undefined) throw new ConfigError('There is no key to sign with.');
  const kid = first.kid ?? (await calculateJwkThumbprint(first));
  const key = (await importJWK(first, 'EdDSA')) as CryptoKey;
  const published = await Promise.all(
    privateKeys.map(async ({ kty, crv, x, kid: id, ...rest }): Promise<JWK> => {
      return {
        kty,
        crv,
        x,
        kid: id ?? (await calculateJwkThumbprint({ kty, crv, x, ...rest } as JWK)),
        alg: 'EdDSA',
        use: 'sig',
      } as JWK;
    }),
  );
  return {
    kid,
    jwks: { keys: published },
    sign: (payload, typ) =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: 'EdDSA', kid, typ })
        .sign(key),
  };
}
