/** Where the person is; kept in the address so that a reload returns there. */
export type Route =
  | { readonly view: 'conversations' }
  | { readonly view: 'new' }
  | { readonly view: 'conversation'; readonly sessionId: string; readonly patch: boolean }
  | { readonly view: 'inbox' }
  | { readonly view: 'history'; readonly workspaceId: string | null; readonly sessionId: string | null }
  | { readonly view: 'settings' }
  | { readonly view: 'diagnostics' };

/** The route that an address fragment names; anything unknown is the list of conversations. */
export function parseRoute(hash: string): Route {
  const [view, first, second] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decodeSafely);
  switch (view) {
    case 'new':
    case 'inbox':
    case 'settings':
    case 'diagnostics':
      return { view };
    case 'conversation':
      return first ? { view, sessionId: first, patch: second === 'changes' } : { view: 'conversations' };
    case 'history':
      return { view, workspaceId: first || null, sessionId: second || null };
    default:
      return { view: 'conversations' };
  }
}

/** The address fragment of a route. */
export function formatRoute(route: Route): string {
  if (route.view === 'conversation')
    return `#/conversation/${encodeURIComponent(route.sessionId)}${route.patch ? '/changes' : ''}`;
  if (route.view === 'history') {
    const parts = [route.workspaceId, route.workspaceId && route.sessionId].filter((part): part is string =>
      Boolean(part),
    );
    return ['#/history', ...parts.map(encodeURIComponent)].join('/');
  }
  return route.view === 'conversations' ? '#/' : `#/${route.view}`;
}

/** One level out; null when there is nowhere further. */
export function outOf(route: Route): Route | null {
  if (route.view === 'conversation') return route.patch ? { ...route, patch: false } : { view: 'conversations' };
  if (route.view === 'history' && route.sessionId) return { ...route, sessionId: null };
  if (route.view === 'history' && route.workspaceId) return { ...route, workspaceId: null };
  return route.view === 'conversations' ? null : { view: 'conversations' };
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
