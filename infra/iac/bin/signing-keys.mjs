/**
 * Prints a new private signing key set (one Ed25519 key) for the secret store; pipe it there, never into a file:
 *   node infra/iac/bin/signing-keys.mjs | aws secretsmanager put-secret-value --secret-id ID --secret-string file:///dev/stdin
 * With `--before`, an existing set is read from stdin and the new key is put in front of its keys: it signs from then
 * on, and what the old ones signed stays verifiable.
 */
import { readFileSync } from 'node:fs';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';

const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
const jwk = await exportJWK(privateKey);
const fresh = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' };
const known = process.argv.includes('--before') ? JSON.parse(readFileSync(0, 'utf8')).keys : [];
process.stdout.write(JSON.stringify({ keys: [fresh, ...known] }));
