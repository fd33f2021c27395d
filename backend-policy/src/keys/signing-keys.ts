import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { CryptoKey, JWK } from 'jose';
import { CompactSign, exportJWK, generateKeyPair, importJWK } from 'jose';

/** Signs bundles and publishes the keys that verify them. Private keys never leave it. */
export interface SigningKeys {
  /** Compact JWS over the value as JSON, signed by the current key. */
  sign(value: unknown): Promise<string>;
  /** Public keys, the current one first. */
  readonly jwks: { readonly keys: readonly JWK[] };
}

interface StoredKeys {
  readonly keys: readonly (JWK & { kid: string })[];
}

/**
 * Reads the keys of a file that only its owner may read; makes the file with a fresh Ed25519 key when it is not there.
 * The first key signs; the others stay published so that bundles they signed can still be verified.
 */
export async function loadSigningKeys(file: string, newKeyId: () => string): Promise<SigningKeys> {
  const stored = read(file) ?? (await createFile(file, newKeyId()));
  return createSigningKeys(stored.keys);
}

/** Signing keys from private JWKs; the first one signs. */
export async function createSigningKeys(privateKeys: readonly (JWK & { kid: string })[]): Promise<SigningKeys> {
  const [current] = privateKeys;
  if (current === undefined) throw new Error('There is no signing key; the key file must hold at least one.');
  const key = (await importJWK(current, 'EdDSA')) as CryptoKey;
  const header = { alg: 'EdDSA', kid: current.kid, typ: 'steward-policy+jws' };
  return {
    sign: (value) => new CompactSign(new TextEncoder().encode(JSON.stringify(value))).setProtectedHeader(header).sign(key),
    jwks: { keys: privateKeys.map(toPublic) },
  };
}

/** A fresh private Ed25519 key. */
export async function generateSigningKey(kid: string): Promise<JWK & { kid: string }> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return { ...(await exportJWK(privateKey)), kid };
}

function toPublic(key: JWK): JWK {
  return { kty: key.kty!, crv: key.crv!, x: key.x!, kid: key.kid!, alg: 'EdDSA', use: 'sig' };
}

function read(file: string): StoredKeys | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StoredKeys;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`The signing keys in ${file} can't be read; restore the file from its backup.`, { cause: error });
  }
}

async function createFile(file: string, kid: string): Promise<StoredKeys> {
  const stored: StoredKeys = { keys: [await generateSigningKey(kid)] };
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeSync(handle, JSON.stringify(stored));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return stored;
}
