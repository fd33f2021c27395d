import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Names of files that usually hold secrets of a project. */
const secretName =
  /^(?:\.env(?:\..+)?|\.envrc|\.npmrc|\.pypirc|\.netrc|\.htpasswd|id_(?:rsa|dsa|ecdsa|ed25519)|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx)|credentials(?:\..+)?|secrets?\.(?:json|ya?ml|toml|env)|service[-_]?account.*\.json|terraform\.tfstate|.*\.tfvars)$/i;
/** Such names that are made to be read. */
const sampleName = /\.(?:example|sample|template|dist|pub)$/i;
const passedFolders = new Set(['node_modules', '.git', 'dist', 'build', 'target', 'vendor', '.venv', 'venv']);
const deepest = 3;
const mostFolders = 300;

/**
 * Files below the given folders that usually hold secrets, as far as they lie where projects keep them: at most three
 * folders deep, and not in folders that tools fill. Looks at names only. Folders that can't be read are passed over.
 */
export function findSecretFiles(roots: readonly string[]): string[] {
  const found: string[] = [];
  let open = roots.map((folder) => ({ folder, depth: 0 }));
  for (let seen = 0; open.length > 0 && seen < mostFolders;) {
    const next: typeof open = [];
    for (const { folder, depth } of open.slice(0, mostFolders - seen)) {
      seen += 1;
      for (const entry of entriesOf(folder)) {
        const place = path.join(folder, entry.name);
        if (entry.isDirectory()) {
          if (depth < deepest && !passedFolders.has(entry.name)) next.push({ folder: place, depth: depth + 1 });
        } else if (secretName.test(entry.name) && !sampleName.test(entry.name)) found.push(place);
      }
    }
    open = next;
  }
  return found;
}

function entriesOf(folder: string): { readonly name: string; isDirectory(): boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
