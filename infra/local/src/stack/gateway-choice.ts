import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readTextIfPresent, writePrivateFile } from '../home/private-file.ts';
import { StartError } from './start-error.ts';

/** Which model gateway conversations use. */
export interface GatewayChoice {
  /** Base address that ends in `/v1` or the like; `/chat/completions` is added to it. */
  readonly endpoint: string;
  readonly token: string;
  /** True for the built-in demo model. */
  readonly demo: boolean;
}

/**
 * The gateway from `LLM_GATEWAY_ENDPOINT` and `LLM_GATEWAY_AUTH_TOKEN`, or the demo gateway on the given port with a
 * token of this home. Throws {@link StartError} when the endpoint is no HTTP address.
 */
export async function chooseGateway(
  env: Readonly<Record<string, string | undefined>>,
  keysFolder: string,
  port: number,
): Promise<GatewayChoice> {
  const endpoint = env['LLM_GATEWAY_ENDPOINT']?.trim();
  if (endpoint === undefined || endpoint === '') {
    return { endpoint: `http://127.0.0.1:${port}/v1`, token: await demoToken(keysFolder), demo: true };
  }
  if (!/^https?:\/\//i.test(endpoint) || !URL.canParse(endpoint)) {
    throw new StartError(
      `LLM_GATEWAY_ENDPOINT must be an http or https address, for example https://gateway.example.com/v1.`,
    );
  }
  return { endpoint: endpoint.replace(/\/+$/, ''), token: env['LLM_GATEWAY_AUTH_TOKEN'] ?? '', demo: false };
}

async function demoToken(keysFolder: string): Promise<string> {
  const path = join(keysFolder, 'demo-gateway-token');
  const known = (await readTextIfPresent(path))?.trim();
  if (known !== undefined && known !== '') return known;
  const token = randomBytes(32).toString('base64url');
  await writePrivateFile(path, `${token}\n`);
  return token;
}
