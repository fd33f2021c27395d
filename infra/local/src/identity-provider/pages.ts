import { escapeHtml, renderPage } from './page-layout.ts';
import type { Person } from './people.ts';

/** What the sign-in page shows. */
export interface LoginPageView {
  /** Where the form is sent. */
  readonly action: string;
  readonly people: readonly Person[];
  /** Name to keep in the form after a refused attempt. */
  readonly name?: string;
  /** Sentence that says why the last attempt was refused. */
  readonly problem?: string;
}

/** The sign-in form; works without scripts. */
export function renderLoginPage(view: LoginPageView): string {
  const problem = view.problem === undefined ? '' : `<p class="problem" role="alert">${escapeHtml(view.problem)}</p>`;
  const nameFocus = view.name === undefined ? ' autofocus' : '';
  const passwordFocus = view.name === undefined ? '' : ' autofocus';
  const rows = view.people.map(
    (person) =>
      `<dt>${escapeHtml(person.name)}</dt><dd>${escapeHtml(person.roles.join(', '))} · ${escapeHtml(person.tenantId)}</dd>`,
  );
  return renderPage(
    'Local sign-in',
    `${problem}
<form method="post" action="${escapeHtml(view.action)}">
<label for="name">Name</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required value="${escapeHtml(view.name ?? '')}"${nameFocus}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" required${passwordFocus}>
<button type="submit">Sign in</button>
</form>
<div class="note">
<p>These people exist on this machine only, to try Steward. Each password is the name.</p>
<dl>${rows.join('')}</dl>
</div>`,
  );
}

/** The page that asks before a sign-out; `form` is the provider's own form element with id `op.logoutForm`. */
export function renderSignOutPage(form: string): string {
  return renderPage(
    'Sign out',
    `<p>Sign out of Steward on this machine?</p>
${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
<button type="submit" form="op.logoutForm" class="quiet">Stay signed in</button>`,
  );
}

/** The page after a sign-out. */
export function renderSignedOutPage(): string {
  return renderPage('Signed out', '<p>You are signed out. You can close this tab.</p>');
}

/** The page for a request that cannot go on; `description` says why. */
export function renderErrorPage(description: string): string {
  return renderPage(
    'Sign-in did not work',
    `<p class="problem" role="alert">${escapeHtml(description)}</p>
<p>Go back to Steward and start the sign-in again.</p>`,
  );
}
