import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey } from 'jose';

/** Somebody who sends requests. */
export interface Principal {
  readonly tenantId: string;
  readonly sub: string;
  readonly roles: readonly string[];
}

/** Secret of every service client of a stand; it never leaves the machine. */
export const clientSecret = 'stand-only';

/** An identity provider of a stand: real keys and signatures, ten-minute tokens, an empty list of revocations. */
export class StandIssuer {
  readonly url: string;
  readonly #server: Server;
  readonly #key: CryptoKey;

  private constructor(server: Server, key: CryptoKey) {
    this.#server = server;
    this.#key = key;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<StandIssuer> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'stand', alg: 'RS256', use: 'sig' }] };
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = new StandIssuer(server, privateKey);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void issuer.#answer(request, jwks).then((body) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(body));
      });
    });
    return issuer;
  }

  /** A token of a person, for every service. */
  tokenOf({ tenantId, sub, roles }: Principal): Promise<string> {
    return this.#sign({ tenant_id: tenantId, roles }, sub, 'urn:steward:api');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, jwks: object): Promise<object> {
    const url = this.url;
    if (request.url === '/keys') return jwks;
    if (request.url === '/revocations') return { revoked: [] };
    if (request.url !== '/token') return { issuer: url, jwks_uri: `${url}/keys`, token_endpoint: `${url}/token` };
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const [client = ''] = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64')
      .toString()
      .split(':');
    const audience = new URLSearchParams(body).get('resource') ?? '';
    const token = await this.#sign({ tenant_id: 'system', roles: ['service'] }, client, audience);
    return { access_token: token, token_type: 'Bearer', expires_in: 600 };
  }

  #sign(claims: Record<string, unknown>, sub: string, audience: string): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'stand', typ: 'at+jwt' })
      .setIssuer(this.url)
      .setSubject(sub)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(this.#key);
  }
}
