import {
  Activity,
  History,
  Inbox,
  LogOut,
  MessageSquare,
  PanelLeftClose,
  PanelLeftOpen,
  Plus,
  Scale,
  Search,
  Settings,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { changeSettings, signOut } from '../../state/actions.ts';
import { navigate, setOverlay, useAppStore } from '../../state/app-store.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { inboxCount, maySeePolicy } from '../../state/selectors.ts';
import { text } from '../../text/catalogue.ts';
import { IconButton } from '../../ui/button.tsx';
import { ConversationDot, conversationStatus } from '../conversation/conversation-status.tsx';

const size = 18;

/** The left rail: places, open conversations, and the state of the runtime at its foot. */
export function Rail({ collapsed }: { readonly collapsed: boolean }): ReactNode {
  const count = useAppStore(inboxCount);
  const seesPolicy = useAppStore(maySeePolicy);
  return (
    <nav className="rail" aria-label={text.rail.label}>
      <div className="rail-head">
        <span className="rail-name">{text.app.name}</span>
        <IconButton label={text.rail.palette} icon={<Search size={16} />} onPress={() => setOverlay('palette')} />
        <IconButton
          label={collapsed ? text.rail.expand : text.rail.collapse}
          icon={collapsed ? <PanelLeftOpen size={16} /> : <PanelLeftClose size={16} />}
          onPress={() => void changeSettings({ railCollapsed: !collapsed })}
        />
      </div>
      <RailLink route={{ view: 'new' }} label={text.rail.newConversation} icon={<Plus size={size} />} />
      <RailLink
        route={{ view: 'conversations' }}
        label={text.rail.conversations}
        icon={<MessageSquare size={size} />}
      />
      <RailLink route={{ view: 'inbox' }} label={text.rail.inbox} icon={<Inbox size={size} />} count={count} />
      <RailLink
        route={{ view: 'history', workspaceId: null, sessionId: null }}
        label={text.rail.history}
        icon={<History size={size} />}
      />
      {seesPolicy ? (
        <RailLink
          route={{ view: 'policy', version: null, tab: 'edit', history: false }}
          label={text.rail.policy}
          icon={<Scale size={size} />}
        />
      ) : null}
      <LiveConversations />
      <div className="rail-foot">
        <RailLink route={{ view: 'settings' }} label={text.rail.settings} icon={<Settings size={size} />} />
        <RailLink route={{ view: 'diagnostics' }} label={text.rail.diagnostics} icon={<Activity size={size} />} />
        <RuntimeBadge />
        <Person />
      </div>
    </nav>
  );
}

function RailLink(props: {
  readonly route: Route;
  readonly label: string;
  readonly icon: ReactNode;
  readonly count?: number;
}): ReactNode {
  const current = useAppStore((state) => state.route.view === props.route.view);
  const count = props.count ?? 0;
  return (
    <a
      className="rail-link"
      href={formatRoute(props.route)}
      aria-current={current ? 'page' : undefined}
      title={props.label}
      onClick={() => useAppStore.setState({ railOpen: false })}
    >
      {props.icon}
      <span className="rail-label">{props.label}</span>
      {count > 0 ? (
        <span className="rail-count">
          <span aria-hidden>{count}</span>
          <span className="visually-hidden">{text.rail.inboxCount(count)}</span>
        </span>
      ) : null}
    </a>
  );
}

function LiveConversations(): ReactNode {
  const conversations = useAppStore((state) => state.snapshot?.conversations);
  const current = useAppStore((state) => (state.route.view === 'conversation' ? state.route.sessionId : null));
  if (!conversations || conversations.length === 0) return <div className="rail-live" />;
  return (
    <section className="rail-live" aria-label={text.rail.live}>
      <h2 className="rail-heading">{text.rail.live}</h2>
      <ul>
        {conversations.map((conversation) => {
          const status = conversationStatus(conversation);
          return (
            <li key={conversation.sessionId}>
              <a
                className="rail-link"
                href={formatRoute({ view: 'conversation', sessionId: conversation.sessionId, patch: false })}
                aria-current={current === conversation.sessionId ? 'page' : undefined}
                title={`${conversation.title}: ${status.label}`}
                onClick={() => useAppStore.setState({ railOpen: false })}
              >
                <ConversationDot conversation={conversation} />
                <span className="rail-label truncate">{conversation.title}</span>
                <span className="visually-hidden">{status.label}</span>
              </a>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function RuntimeBadge(): ReactNode {
  const runtime = useAppStore((state) => state.snapshot?.runtime);
  if (!runtime) return null;
  const tone = { running: 'ok', degraded: 'warn', stopped: '' }[runtime.state];
  return (
    <button
      className="rail-link rail-runtime"
      data-testid="runtime-badge"
      title={runtime.message}
      onClick={() => navigate({ view: 'diagnostics' })}
    >
      <span className={`dot ${tone}`} aria-hidden />
      <span className="rail-label truncate">
        {text.rail.runtime[runtime.state]}
        {runtime.message ? <span className="soft"> · {runtime.message}</span> : null}
      </span>
    </button>
  );
}

function Person(): ReactNode {
  const user = useAppStore((state) => state.snapshot?.identity.user);
  if (!user) return null;
  return (
    <div className="rail-person">
      <span className="rail-label truncate small soft" title={`${user.name}, ${user.tenantId}`}>
        <span className="visually-hidden">{text.rail.signedInAs(user.name)}</span>
        <span aria-hidden>
          {user.name} · {user.tenantId}
        </span>
      </span>
      <IconButton small label={text.rail.signOut} icon={<LogOut size={14} />} onPress={() => void signOut()} />
    </div>
  );
}
