import { createHash, randomBytes } from 'node:crypto';
import { DESKTOP_SCOPES } from '../identity-provider/clients.ts';
import { DESKTOP_CLIENT_ID } from '../identity-provider/service-names.ts';
import { CookieJar } from './cookie-jar.ts';

/** Who signs in where. */
export interface SignInRequest {
  /** Origin of the local identity provider. */
  readonly issuer: string;
  readonly name: string;
  readonly password: string;
}

/** The token endpoint's answer. */
export interface TokenSet {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly token_type: string;
  readonly scope: string;
}

/** The sign-in page refused name and password; `message` says what it showed. */
export class SignInRefusedError extends Error {
  override readonly name = 'SignInRefusedError';
}

const REDIRECT_URI = 'http://127.0.0.1/callback';

/**
 * Performs the desktop's own sign-in, authorization code with PKCE, by HTTP against the local sign-in page.
 * Throws {@link SignInRefusedError} when the person is unknown or the password is wrong.
 */
export async function signInByHttp(request: SignInRequest): Promise<TokenSet> {
  const jar = new CookieJar();
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const authorize = new URL('/auth', request.issuer);
  authorize.search = new URLSearchParams({
    client_id: DESKTOP_CLIENT_ID,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: DESKTOP_SCOPES,
    prompt: 'consent',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();

  const signInPage = await follow(authorize, jar);
  const credentials = new URLSearchParams({ name: request.name, password: request.password });
  const submitted = await visit(signInPage, jar, { method: 'POST', body: credentials });
  if (submitted.status !== 303) {
    throw new SignInRefusedError(problemOn(await submitted.text()) ?? `The sign-in answered ${submitted.status}.`);
  }
  const callback = await follow(new URL(submitted.headers.get('location') ?? '', request.issuer), jar);
  const code = callback.searchParams.get('code');
  if (code === null || callback.searchParams.get('state') !== state) {
    throw new Error(`The sign-in ended at ${callback.origin}${callback.pathname} without a code for this request.`);
  }
  return exchange(request.issuer, code, verifier);
}

async function exchange(issuer: string, code: string, verifier: string): Promise<TokenSet> {
  const response = await fetch(new URL('/token', issuer), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: DESKTOP_CLIENT_ID,
      redirect_uri: REDIRECT_URI,
      code,
      code_verifier: verifier,
    }),
  });
  if (!response.ok) throw new Error(`The token endpoint answered ${response.status}.`);
  return (await response.json()) as TokenSet;
}

/** Follows redirects up to a page (returned) or up to the desktop's callback, which nobody listens on. */
async function follow(start: URL, jar: CookieJar): Promise<URL> {
  let url = start;
  for (let hops = 0; hops < 10; hops += 1) {
    if (url.href.startsWith(`${REDIRECT_URI}?`)) return url;
    const response = await visit(url, jar, { method: 'GET' });
    const location = response.headers.get('location');
    if (location === null) {
      const page = await response.text();
      if (response.status === 200) return url;
      throw new Error(problemOn(page) ?? `${url.pathname} answered ${response.status}.`);
    }
    await response.body?.cancel();
    url = new URL(location, url);
  }
  throw new Error('The sign-in redirected too often.');
}

async function visit(url: URL, jar: CookieJar, init: RequestInit): Promise<Response> {
  const response = await fetch(url, {
    ...init,
    redirect: 'manual',
    headers: { accept: 'text/html', cookie: jar.header() },
  });
  jar.store(response);
  return response;
}

function problemOn(page: string): string | undefined {
  return /<p class="problem" role="alert">([^<]*)<\/p>/.exec(page)?.[1];
}
