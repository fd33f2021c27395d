/**
 * Prints a new private signing key set (one Ed25519 key) for the secret store; pipe it there, never into a file:
 *   node infra/iac/bin/signing-keys.mjs | aws secretsmanager put-secret-value --secret-id ID --secret-string file:///dev/stdin
 * With `--before`, an existing set is read from stdin and the new key is put in front of its keys: it signs from then
 * on, and what the old ones signed stays verifiable.
 */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
// RFC 7638: the digest of the required members in the order of their names.
const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
const fresh = { kty, crv, x, d, kid, alg: 'EdDSA', use: 'sig' };
const known = process.argv.includes('--before') ? JSON.parse(readFileSync(0, 'utf8')).keys : [];
process.stdout.write(JSON.stringify({ keys: [fresh, ...known] }));
