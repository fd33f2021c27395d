import { MessageSquare, Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { baseName } from '../../format/paths.ts';
import { navigate, useAppStore } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { ViewBar } from '../frame/view-bar.tsx';
import { ConversationDot, conversationStatus } from './conversation-status.tsx';

/** The open conversations as a list, or the way to the first one. */
export function ConversationsView(): ReactNode {
  const conversations = useAppStore((state) => state.snapshot?.conversations) ?? [];
  const start = (
    <Button tone="primary" icon={<Plus size={16} aria-hidden />} onPress={() => navigate({ view: 'new' })}>
      {text.rail.newConversation}
    </Button>
  );
  return (
    <div className="view">
      <ViewBar title={text.conversations.title}>{conversations.length > 0 ? start : null}</ViewBar>
      <div className="view-body">
        {conversations.length === 0 ? (
          <Empty
            centred
            icon={<MessageSquare size={28} aria-hidden />}
            title={text.conversations.empty}
            hint={text.conversations.emptyHint}
          >
            {start}
          </Empty>
        ) : (
          <ul className="conversation-list" aria-label={text.rail.live}>
            {conversations.map((conversation) => (
              <li key={conversation.sessionId}>
                <a className="conversation-row" href={`#/conversation/${conversation.sessionId}`}>
                  <ConversationDot conversation={conversation} />
                  <span className="grow truncate">{conversation.title}</span>
                  <span className="small soft truncate">
                    {conversation.projectDir === null ? text.titleBar.generalChat : baseName(conversation.projectDir)}
                  </span>
                  <span className="small soft conversation-row-status">{conversationStatus(conversation).label}</span>
                  <span className="small soft">
                    <Ago iso={conversation.startedAt} />
                  </span>
                </a>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
