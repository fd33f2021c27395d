import { Square } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { formatTokens } from '../../format/numbers.ts';
import { formatClock } from '../../format/time.ts';
import { cancelTask } from '../../state/actions.ts';
import { activityOf } from '../../state/activity.ts';
import { useAppStore } from '../../state/app-store.ts';
import { conversationOf } from '../../state/selectors.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { useNow } from '../../ui/time.tsx';

/** The line above the composer while a task runs: where it is, what it does, and how to stop it. */
export function ProgressLine({ sessionId }: { readonly sessionId: string }): ReactNode {
  const task = useAppStore((state) => state.threads[sessionId]?.task ?? null);
  const interrupted = useAppStore((state) => {
    const conversation = conversationOf(state, sessionId);
    return conversation?.interruption != null || conversation?.pause != null;
  });
  if (!task?.running || interrupted) return null;
  return <Running key={task.taskId} sessionId={sessionId} />;
}

function Running({ sessionId }: { readonly sessionId: string }): ReactNode {
  const task = useAppStore((state) => state.threads[sessionId]?.task ?? null);
  const folder = useAppStore((state) => conversationOf(state, sessionId)?.projectDir ?? null);
  const activity = useAppStore((state) => {
    const thread = state.threads[sessionId];
    return thread ? activityOf(thread, folder) : '';
  });
  const tokens = useAppStore((state) => state.threads[sessionId]?.usage?.sessionTokensUsed ?? 0);
  const [cancelling, setCancelling] = useState(false);
  const now = useNow(1000);
  const step =
    task && task.stepNumber > 0 ? text.conversation.stepOf(task.stepNumber, task.maxSteps) : text.activity.starting;
  const cancel = async (force: boolean): Promise<void> => {
    setCancelling(true);
    if (!(await cancelTask(sessionId, force))) setCancelling(false);
  };
  return (
    <div className="progress" data-testid="progress">
      <span className="dot busy" aria-hidden />
      <span className="progress-step" data-testid="step-count">
        {step}
      </span>
      <span className="grow truncate" title={activity}>
        {cancelling ? text.activity.cancelling : activity}
      </span>
      <span className="soft" title={text.conversation.elapsed} data-testid="elapsed">
        {formatClock(now - Date.parse(task?.startedAt ?? ''))}
      </span>
      {tokens > 0 ? (
        <span className="soft progress-tokens">{text.titleBar.tokensOnly(formatTokens(tokens))}</span>
      ) : null}
      {cancelling ? (
        <Button small tone="danger" onPress={() => void cancel(true)}>
          {text.conversation.forceStop}
        </Button>
      ) : (
        <Button small icon={<Square size={12} aria-hidden />} onPress={() => void cancel(false)}>
          {text.conversation.cancel}
        </Button>
      )}
      <Spoken words={`${step}. ${cancelling ? text.activity.cancelling : activity}`} />
    </div>
  );
}

// Spoken at most every two seconds, so that quick steps do not talk over each other.
function Spoken({ words }: { readonly words: string }): ReactNode {
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(words), 2000);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <span className="visually-hidden" aria-live="polite" role="status">
      {spoken}
    </span>
  );
}
