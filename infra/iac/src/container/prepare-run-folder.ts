import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureLocalCertificates } from '@steward/infra-local/certificates';

/** Secrets that arrive in a variable and that the services read from a file. */
const keyFiles = { POLICY_KEYS: 'POLICY_KEYS_FILE', RECEIPT_KEYS: 'RECEIPT_KEYS_FILE' } as const;

/**
 * Makes what a service expects to find on disk, in the one folder that its container may write: a certificate of this
 * start for the way from the load balancer, and the signing keys that came as a secret. The secrets leave the
 * environment. Throws when a signing key is expected and did not come: a service would make one of its own then, and
 * its tasks would sign with different keys.
 * @param env of this process; changed
 */
export async function prepareRunFolder(env: Record<string, string | undefined>, now: Date): Promise<void> {
  const folder = env['RUN_FOLDER'];
  if (!folder) throw new Error('RUN_FOLDER is not set: name the folder that the container may write.');
  const tls = join(folder, 'tls');
  await mkdir(tls, { recursive: true, mode: 0o700 });
  const { certFile, keyFile } = await ensureLocalCertificates(tls, now);
  // Nothing else is ever signed by this authority.
  await rm(join(tls, 'ca-key.pem'), { force: true });
  env['TLS_CERT_FILE'] = certFile;
  env['TLS_KEY_FILE'] = keyFile;
  for (const [secret, file] of Object.entries(keyFiles)) {
    const path = env[file];
    if (path === undefined) continue;
    const value = env[secret];
    if (!value) throw new Error(`${secret} is not set: the signing keys come from the secret store.`);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, value, { mode: 0o600 });
    delete env[secret];
  }
}
