/** What the browser shows once the sign-in has ended. */
export interface FinishedSignIn {
  readonly ok: boolean;
  readonly message: string;
}

/**
 * The page that ends a sign-in in the browser. No scripts, nothing loaded. With `returnTo` it leads there by itself:
 * a page of this machine, not the identity provider's redirect, starts that navigation, so that the window's
 * same-site cookie comes along whatever site the provider is on.
 */
export function finishPage(
  finished: FinishedSignIn,
  returnTo: string | undefined,
): { html: string; headers: Record<string, string> } {
  const title = finished.ok ? 'You are signed in' : 'Sign-in did not work';
  const advice = finished.ok ? 'You can close this tab and go back to Steward.' : 'Go back to Steward and try again.';
  const target = returnTo === undefined ? '' : escapeHtml(returnTo);
  const refresh = returnTo === undefined ? '' : `<meta http-equiv="refresh" content="0;url=${target}">`;
  const way = returnTo === undefined ? advice : `<a href="${target}">Go on to Steward</a>`;
  const style =
    'body{margin:0;min-height:100vh;display:grid;place-items:center;font:16px/1.5 system-ui,sans-serif;color-scheme:light dark}main{max-width:28rem;padding:24px}h1{font-size:20px}';
  return {
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>${refresh}<style>${style}</style></head><body><main><h1>${title}</h1><p>${escapeHtml(finished.message)} ${way}</p></main></body></html>`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    },
  };
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
