import type { ReactNode } from 'react';
import { useAppStore } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { Markdown } from '../../ui/markdown.tsx';

/** The message being streamed. It alone is drawn again when text arrives. */
export function LiveMessage({ sessionId }: { readonly sessionId: string }): ReactNode {
  const content = useAppStore((state) => state.threads[sessionId]?.live?.text ?? '');
  return (
    <div className="thread-row">
      <article className="message agent" aria-label={text.conversation.agent} data-testid="live-message">
        <Markdown source={content} />
      </article>
    </div>
  );
}
