/** Ends with 0 when the service of this container answers over TLS with the certificate of this start, else with 1. */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';

const { PORT = '8443', RUN_FOLDER = '/run/steward' } = process.env;

try {
  const ca = readFileSync(join(RUN_FOLDER, 'tls', 'ca.pem'));
  const call = request({ host: '127.0.0.1', port: PORT, path: '/healthz', ca, timeout: 3000 }, (response) => {
    process.exit(response.statusCode === 200 ? 0 : 1);
  });
  call.on('timeout', () => call.destroy());
  call.on('error', () => process.exit(1));
  call.end();
} catch {
  process.exit(1);
}
