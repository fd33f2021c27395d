/** What is shown of a policy draft. */
export type PolicyTab = 'edit' | 'changes' | 'simulate';

/** Where the person is; kept in the address so that a reload returns there. */
export type Route =
  | { readonly view: 'conversations' }
  | { readonly view: 'new' }
  | { readonly view: 'conversation'; readonly sessionId: string; readonly patch: boolean }
  | { readonly view: 'inbox' }
  | { readonly view: 'history'; readonly workspaceId: string | null; readonly sessionId: string | null }
  | { readonly view: 'policy'; readonly version: number | null; readonly tab: PolicyTab; readonly history: boolean }
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
    case 'policy':
      return parsePolicyRoute(first, second);
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
  if (route.view === 'policy') {
    if (route.history) return '#/policy/history';
    if (route.version === null) return '#/policy';
    return `#/policy/${route.version}${route.tab === 'edit' ? '' : `/${route.tab}`}`;
  }
  return route.view === 'conversations' ? '#/' : `#/${route.view}`;
}

/** One level out; null when there is nowhere further. */
export function outOf(route: Route): Route | null {
  if (route.view === 'conversation') return route.patch ? { ...route, patch: false } : { view: 'conversations' };
  if (route.view === 'history' && route.sessionId) return { ...route, sessionId: null };
  if (route.view === 'history' && route.workspaceId) return { ...route, workspaceId: null };
  if (route.view === 'policy' && (route.history || route.version !== null))
    return { view: 'policy', version: null, tab: 'edit', history: false };
  return route.view === 'conversations' ? null : { view: 'conversations' };
}

function parsePolicyRoute(first = '', tab = ''): Route {
  const version = /^[1-9]\d{0,9}$/.test(first) ? Number(first) : null;
  return {
    view: 'policy',
    version,
    tab: tab === 'changes' || tab === 'simulate' ? tab : 'edit',
    history: first === 'history',
  };
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
