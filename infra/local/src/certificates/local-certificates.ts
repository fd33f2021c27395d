import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { readTextIfPresent, writePrivateFile } from '../home/private-file.ts';

/** Where the local certificates of a home are. */
export interface LocalCertificates {
  /** Certificate of the local authority, PEM; clients trust it. */
  readonly caFile: string;
  /** Certificate of the services, PEM, for `127.0.0.1`, `::1` and `localhost`. */
  readonly certFile: string;
  /** Private key of the services, PEM, 0600. */
  readonly keyFile: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const RENEW_BEFORE_MS = 30 * DAY_MS;
const CA_DAYS = 3650;
const LEAF_DAYS = 397;

/**
 * Makes sure that a home has its own certificate authority and a valid service certificate.
 * What expires within 30 days, cannot be read or does not belong together is made anew; the authority's key never
 * leaves the folder and is kept, 0600, to renew the service certificate.
 */
export async function ensureLocalCertificates(folder: string, now: Date): Promise<LocalCertificates> {
  const files = {
    caFile: join(folder, 'ca.pem'),
    caKeyFile: join(folder, 'ca-key.pem'),
    certFile: join(folder, 'services.pem'),
    keyFile: join(folder, 'services-key.pem'),
  };
  const [ca, caKey, cert, key] = await Promise.all(
    [files.caFile, files.caKeyFile, files.certFile, files.keyFile].map(readTextIfPresent),
  );
  const { caFile, certFile, keyFile } = files;
  const located = { caFile, certFile, keyFile };
  const goodCa = ca !== undefined && caKey !== undefined && isFresh(ca, now) ? { cert: ca, key: caKey } : undefined;
  if (goodCa !== undefined && cert !== undefined && key !== undefined && isFresh(cert, now) && isIssuedBy(cert, ca)) {
    return located;
  }

  // Loaded here because issuing is rare and the library takes longer to load than a normal start may cost.
  const { issueAuthority, issueServerCertificate } = await import('./issue-certificates.ts');
  const authority = goodCa ?? (await issueAuthority(now, new Date(now.getTime() + CA_DAYS * DAY_MS)));
  const leaf = await issueServerCertificate(authority, now, new Date(now.getTime() + LEAF_DAYS * DAY_MS));
  if (goodCa === undefined) {
    await writePrivateFile(files.caKeyFile, authority.key);
    await writePrivateFile(files.caFile, authority.cert);
  }
  await writePrivateFile(files.keyFile, leaf.key);
  await writePrivateFile(files.certFile, leaf.cert);
  return located;
}

function isFresh(pem: string, now: Date): boolean {
  try {
    const { validFrom, validTo } = new X509Certificate(pem);
    return Date.parse(validFrom) <= now.getTime() && Date.parse(validTo) - now.getTime() > RENEW_BEFORE_MS;
  } catch {
    return false;
  }
}

function isIssuedBy(pem: string, caPem: string | undefined): boolean {
  return caPem !== undefined && new X509Certificate(pem).verify(new X509Certificate(caPem).publicKey);
}
