import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { LiveAccountRules } from './account-rules.ts';
import type { LoginAttempts } from './login-attempts.ts';
import { PAGE_SECURITY_POLICY } from './page-layout.ts';
import { renderErrorPage, renderLoginPage } from './pages.ts';
import { checkPassword, findPerson } from './people.ts';
import type { Person } from './people.ts';
import { PEOPLE_AUDIENCE } from './service-names.ts';

/** What {@link createSignIn} needs. */
export interface SignInDeps {
  readonly provider: Provider;
  readonly issuer: string;
  readonly people: readonly Person[];
  readonly attempts: LoginAttempts;
  readonly rules: LiveAccountRules;
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

const MAX_FORM_BYTES = 4096;

/**
 * Answers `GET` and `POST /sign-in/{uid}`: shows the form and, once name and password match, grants what the desktop
 * asked for. Steward is the provider's own client, so there is no consent page.
 */
export function createSignIn(deps: SignInDeps): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'POST') {
      response.setHeader('allow', 'GET, POST');
      sendPage(response, 405, renderErrorPage('This page takes GET and POST only.'));
      return;
    }
    let interaction: Interaction;
    try {
      interaction = await deps.provider.interactionDetails(request, response);
    } catch {
      sendPage(response, 400, renderErrorPage('This sign-in has expired or belongs to another browser.'));
      return;
    }
    if (request.method === 'GET') {
      sendPage(response, 200, renderLoginPage({ action: actionOf(interaction), people: deps.people }));
      return;
    }
    await submit(deps, interaction, request, response);
  };
}

async function submit(
  deps: SignInDeps,
  interaction: Interaction,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const origin = request.headers.origin;
  if (origin !== undefined && origin !== deps.issuer) {
    sendPage(response, 403, renderErrorPage('The form was sent from another page.'));
    return;
  }
  const form = await readForm(request);
  if (form === undefined) {
    sendPage(response, 413, renderErrorPage('The form is too large.'));
    return;
  }
  const name = (form.get('name') ?? '').trim();
  const counted = findPerson(deps.people, name) === undefined ? '' : name;
  const refuse = (status: number, problem: string): void =>
    sendPage(response, status, renderLoginPage({ action: actionOf(interaction), people: deps.people, name, problem }));

  const wait = deps.attempts.secondsUntilAllowed(counted);
  if (wait > 0) {
    response.setHeader('retry-after', String(wait));
    refuse(429, `Too many attempts. Try again in ${wait} seconds.`);
    return;
  }
  const person = checkPassword(deps.people, name, form.get('password') ?? '');
  if (person === undefined) {
    deps.attempts.failed(counted);
    refuse(401, 'Name and password do not match.');
    return;
  }
  deps.attempts.succeeded(counted);
  if (!(await deps.rules.admits(person.name))) {
    refuse(403, 'This account is disabled. Ask an operator to enable it.');
    return;
  }
  await forgetBrowserSession(deps.provider, interaction, request, response);
  await deps.provider.interactionFinished(request, response, {
    login: { accountId: person.name },
    consent: { grantId: await grantEverythingAsked(deps.provider, interaction, person) },
  });
}

function actionOf(interaction: Interaction): string {
  return `/sign-in/${interaction.uid}`;
}

async function grantEverythingAsked(provider: Provider, interaction: Interaction, person: Person): Promise<string> {
  const grant = new provider.Grant({ accountId: person.name, clientId: String(interaction.params.client_id) });
  const scope = String(interaction.params.scope ?? 'openid');
  grant.addOIDCScope(scope);
  grant.addOIDCClaims(['tenant_id', 'roles', 'name']);
  grant.addResourceScope(PEOPLE_AUDIENCE, scope);
  return grant.save();
}

/** Another person's earlier session in this browser would otherwise stop or confuse the one that starts now. */
async function forgetBrowserSession(
  provider: Provider,
  interaction: Interaction,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const cookies = provider.createContext(request, response).cookies;
  cookies.set(provider.cookieName('session'), null);
  const uid = interaction.session?.uid;
  if (uid === undefined) return;
  await (await provider.Session.findByUid(uid))?.destroy();
  delete interaction.session;
  await interaction.save(interaction.exp - Math.floor(Date.now() / 1000));
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_FORM_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': PAGE_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    // With no-referrer a browser would hide the page's own origin from the check of the form.
    'referrer-policy': 'same-origin',
  });
  response.end(html);
}
