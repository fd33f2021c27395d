import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'jose';
import { join } from 'node:path';
import { readTextIfPresent, writePrivateFile } from '../home/private-file.ts';
import { SERVICE_NAMES, serviceClientId } from './service-names.ts';

/** Algorithm of every token that the local identity provider signs. */
export const SIGNING_ALGORITHM = 'RS256';

/** Everything secret that one home's identity provider keeps. */
export interface IdentitySecrets {
  /** Private signing keys; the first one signs. */
  readonly signingKeys: readonly JWK[];
  /** Keys of the cookie signatures. */
  readonly cookieKeys: readonly string[];
  /** Client id → client secret of the confidential service clients. */
  readonly clientSecrets: Readonly<Record<string, string>>;
}

/**
 * Reads the identity secrets of a home, or makes them once (`secrets.json`, 0600).
 * A secret for a service that is new since the file was written is added; what exists is never replaced.
 */
export async function loadIdentitySecrets(folder: string): Promise<IdentitySecrets> {
  const path = join(folder, 'secrets.json');
  const text = await readTextIfPresent(path);
  const known = text === undefined ? undefined : (JSON.parse(text) as IdentitySecrets);
  const missing = SERVICE_NAMES.map(serviceClientId).filter((id) => known?.clientSecrets[id] === undefined);
  if (known !== undefined && missing.length === 0) return known;
  const secrets: IdentitySecrets = {
    signingKeys: known?.signingKeys ?? [await createSigningKey()],
    cookieKeys: known?.cookieKeys ?? [randomSecret()],
    clientSecrets: { ...known?.clientSecrets, ...Object.fromEntries(missing.map((id) => [id, randomSecret()])) },
  };
  await writePrivateFile(path, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

async function createSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, alg: SIGNING_ALGORITHM, use: 'sig', kid: await calculateJwkThumbprint(jwk) };
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}
