import { memo } from 'react';
import type { ReactNode } from 'react';
import { setDraft, useAppStore } from '../../state/app-store.ts';
import type { Row } from '../../state/rows.ts';
import { conversationOf } from '../../state/selectors.ts';
import type { ThreadItem } from '../../state/thread.ts';
import { formatExact } from '../../format/time.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Markdown } from '../../ui/markdown.tsx';
import { Skeleton } from '../../ui/states.tsx';
import { EndCard } from './end-card.tsx';
import { NoticeLine } from './notice-line.tsx';
import { ReadsCard, ToolCard } from './tool-card.tsx';

/** One row of a thread. */
export const RowView = memo(function RowView({
  row,
  first,
}: {
  readonly row: Row;
  readonly first: boolean;
}): ReactNode {
  return (
    <div className={`thread-row${first ? ' first' : ''}`}>
      {row.type === 'reads' ? <ReadsCard tools={row.tools} /> : <ItemView item={row.item} />}
    </div>
  );
});

function ItemView({ item }: { readonly item: ThreadItem }): ReactNode {
  switch (item.kind) {
    case 'user':
      return (
        <article className="message person" aria-label={text.conversation.you} title={formatExact(item.at)}>
          <p>{item.content}</p>
        </article>
      );
    case 'assistant':
      return (
        <article className="message agent" aria-label={text.conversation.agent}>
          <Markdown source={item.content} />
          {item.partial ? <p className="small soft">{text.conversation.partial}</p> : null}
        </article>
      );
    case 'tool':
      return <ToolCard tool={item} />;
    case 'end':
      return <EndCard end={item} />;
    case 'notice':
      return <NoticeLine item={item} />;
  }
}

/** A conversation whose first messages are on their way. */
export function LoadingThread(): ReactNode {
  return (
    <div className="thread-place">
      <Skeleton />
    </div>
  );
}

/** A conversation without messages: what it is for, and three ways to begin. */
export function EmptyThread({ sessionId }: { readonly sessionId: string }): ReactNode {
  const general = useAppStore((state) => conversationOf(state, sessionId)?.projectDir === null);
  return (
    <div className="thread-place" data-testid="thread">
      <div className="thread-empty">
        <h2>{text.conversation.empty}</h2>
        <p className="soft">{text.conversation.emptyHint}</p>
        {general ? null : (
          <ul className="stack">
            {text.conversation.examples.map((example) => (
              <li key={example}>
                <Button
                  small
                  onPress={() => {
                    setDraft(sessionId, example);
                    document.getElementById('composer')?.focus();
                  }}
                >
                  {example}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
