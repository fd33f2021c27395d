import './ui/tokens.css';
import './ui/base.css';
import './ui/markdown.css';
import { lazy, Suspense, useEffect } from 'react';
import type { ReactNode } from 'react';
import { useAppStore } from './state/app-store.ts';
import { applyAppearance } from './state/appearance.ts';
import { text } from './text/catalogue.ts';
import { Empty, Skeleton } from './ui/states.tsx';
import { ConversationView } from './views/conversation/conversation-view.tsx';
import { ConversationsView } from './views/conversation/conversations-view.tsx';
import { Frame } from './views/frame/frame.tsx';
import { useShortcuts } from './views/frame/use-shortcuts.ts';
import { InboxView } from './views/approvals/inbox-view.tsx';
import { NewConversationView } from './views/new-conversation/new-conversation-view.tsx';
import { SignInView } from './views/sign-in/sign-in-view.tsx';

const HistoryView = lazy(() =>
  import('./views/history/history-view.tsx').then((module) => ({ default: module.HistoryView })),
);
const SettingsView = lazy(() =>
  import('./views/settings/settings-view.tsx').then((module) => ({ default: module.SettingsView })),
);
const DiagnosticsView = lazy(() =>
  import('./views/diagnostics/diagnostics-view.tsx').then((module) => ({ default: module.DiagnosticsView })),
);

const PolicyView = lazy(() =>
  import('./views/policy/policy-view.tsx').then((module) => ({ default: module.PolicyView })),
);

/** The whole renderer: sign-in until somebody is signed in, the frame with one view after that. */
export function App(): ReactNode {
  const signedIn = useAppStore((state) => state.snapshot?.identity.state === 'signed_in');
  const loaded = useAppStore((state) => state.snapshot !== null);
  const down = useAppStore((state) => state.connection === 'down');
  const locked = useAppStore((state) => state.locked);
  const settings = useAppStore((state) => state.snapshot?.settings);
  useShortcuts(signedIn);
  useEffect(() => {
    if (settings) applyAppearance(settings);
  }, [settings]);

  if (!loaded)
    return (
      <main aria-label={text.app.name}>
        {down ? (
          <Empty centred title={text.app.connecting} hint={locked ? text.app.locked : text.app.offlineLong} />
        ) : (
          <Skeleton />
        )}
      </main>
    );
  if (!signedIn) return <SignInView />;
  return (
    <Frame>
      <Suspense fallback={<Skeleton />}>
        <View />
      </Suspense>
    </Frame>
  );
}

function View(): ReactNode {
  const route = useAppStore((state) => state.route);
  switch (route.view) {
    case 'conversation':
      return <ConversationView key={route.sessionId} sessionId={route.sessionId} patch={route.patch} />;
    case 'new':
      return <NewConversationView />;
    case 'inbox':
      return <InboxView />;
    case 'history':
      return <HistoryView workspaceId={route.workspaceId} sessionId={route.sessionId} />;
    case 'policy':
      return <PolicyView version={route.version} tab={route.tab} history={route.history} />;
    case 'settings':
      return <SettingsView />;
    case 'diagnostics':
      return <DiagnosticsView />;
    default:
      return <ConversationsView />;
  }
}
