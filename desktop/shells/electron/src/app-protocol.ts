import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { isAppUrl } from './app-address.ts';

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/** The policy of every page: scripts, styles and connections come from the app alone, and nothing may frame it. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Answers requests of the app's own scheme from the built renderer: reading only, inside its folder only. */
export function createAppProtocol(folder: string): (request: Pick<Request, 'method' | 'url'>) => Promise<Response> {
  return async (request) => {
    const path = request.method === 'GET' && isAppUrl(request.url) ? fileFor(folder, request.url) : undefined;
    if (path === undefined) return answer(404, 'Nothing is here.', 'text/plain');
    try {
      const type = contentTypes[extname(path)] ?? 'application/octet-stream';
      return answer(200, await readFile(path), type);
    } catch {
      return answer(404, 'Nothing is here. Run npm run build first.', 'text/plain');
    }
  };
}

/** The file that an address of the app stands for; views without a file of their own get the page itself. */
export function fileFor(folder: string, address: string): string | undefined {
  let path: string;
  try {
    path = normalize(decodeURIComponent(new URL(address).pathname));
  } catch {
    return undefined;
  }
  if (path.includes('\0')) return undefined;
  const file = join(folder, extname(path) === '' ? 'index.html' : path);
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? file : undefined;
}

function answer(status: number, body: string | Uint8Array, type: string): Response {
  return new Response(typeof body === 'string' ? body : new Uint8Array(body), {
    status,
    headers: {
      'content-type': type,
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    },
  });
}
