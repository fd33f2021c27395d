import type { TaskOptions } from '@steward/contracts';
import { ArrowUp } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import type { ClipboardEvent, KeyboardEvent, ReactNode } from 'react';
import { sendPrompt } from '../../state/actions.ts';
import { setDraft, useAppStore } from '../../state/app-store.ts';
import { conversationOf } from '../../state/selectors.ts';
import { text } from '../../text/catalogue.ts';
import { IconButton } from '../../ui/button.tsx';
import { blockedReason } from './composer-reason.ts';
import { insertMention, mentionAt } from './mention.ts';
import { MentionList } from './mention-list.tsx';
import { TaskOptionsButton } from './task-options.tsx';
import { useMentions } from './use-mentions.ts';

/** Where the person writes. Enter sends, Shift-Enter breaks the line, ↑ in an empty field brings back earlier messages. */
export function Composer({ sessionId }: { readonly sessionId: string }): ReactNode {
  const draft = useAppStore((state) => state.drafts[sessionId] ?? '');
  const conversation = useAppStore((state) => conversationOf(state, sessionId));
  const connection = useAppStore((state) => state.connection);
  const running = useAppStore((state) => state.threads[sessionId]?.task?.running === true);
  const ended = useAppStore((state) => state.threads[sessionId]?.ended ?? null);
  const defaults = useAppStore((state) => state.snapshot?.settings.taskOptions);
  const items = useAppStore((state) => state.threads[sessionId]?.items);
  const [options, setOptions] = useState<TaskOptions>(defaults ?? { maxSteps: 40, allowNetwork: true });
  const [sending, setSending] = useState(false);
  const [caret, setCaret] = useState(0);
  const [recall, setRecall] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const earlier = useMemo(() => (items ?? []).flatMap((item) => (item.kind === 'user' ? [item.content] : [])), [items]);
  const mention = mentionAt(draft, caret);
  const mentions = useMentions(conversation?.projectDir ? sessionId : null, mention?.query ?? null);
  const blocked = blockedReason({ connection, conversation, running: running || sending, ended });
  const reason = blocked ?? (draft.trim() === '' ? text.composer.reasons.empty : null);

  const change = (value: string, at = value.length): void => {
    setDraft(sessionId, value);
    setCaret(at);
    requestAnimationFrame(() => field.current?.setSelectionRange(at, at));
  };
  const send = async (): Promise<void> => {
    if (reason !== null) return;
    setRecall(0);
    setSending(true);
    await sendPrompt(sessionId, draft, options);
    setSending(false);
    field.current?.focus();
  };
  const choose = (path: string): void => {
    if (!mention) return;
    const next = insertMention(draft, mention, path);
    change(next.text, next.caret);
    mentions.close();
  };
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return;
    if (mentions.onKey(event, choose)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      void send();
    }
    const recalling = draft === '' || draft === earlier.at(-recall);
    if (
      event.key === 'ArrowUp' &&
      recalling &&
      recall < earlier.length &&
      (draft === '' || field.current?.selectionStart === 0 || recall > 0)
    ) {
      event.preventDefault();
      setRecall(recall + 1);
      change(earlier.at(-(recall + 1)) ?? '');
    } else if (event.key === 'ArrowDown' && recall > 0 && recalling) {
      event.preventDefault();
      setRecall(recall - 1);
      change(recall === 1 ? '' : (earlier.at(-(recall - 1)) ?? ''));
    }
  };
  const onPaste = (event: ClipboardEvent<HTMLTextAreaElement>): void => {
    const names = [...event.clipboardData.files].map((file) => `@${file.name}`);
    if (names.length === 0 || !field.current) return;
    event.preventDefault();
    const { selectionStart: start, selectionEnd: end } = field.current;
    const inserted = `${names.join(' ')} `;
    change(draft.slice(0, start) + inserted + draft.slice(end), start + inserted.length);
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <MentionList mentions={mentions} onChoose={choose} />
      <textarea
        id="composer"
        ref={field}
        rows={1}
        value={draft}
        aria-label={text.composer.label}
        aria-describedby="composer-reason"
        aria-autocomplete="list"
        aria-haspopup="listbox"
        {...(mentions.open
          ? { 'aria-controls': 'mentions', 'aria-activedescendant': `mention-${mentions.index}` }
          : {})}
        placeholder={text.composer.placeholder}
        onChange={(event) => {
          setDraft(sessionId, event.target.value);
          setCaret(event.target.selectionStart);
          setRecall(0);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={onKey}
        onPaste={onPaste}
      />
      <div className="composer-foot">
        <TaskOptionsButton options={options} onChange={setOptions} />
        <span id="composer-reason" className="small soft grow truncate" data-testid="composer-reason">
          {reason ?? text.composer.hint}
        </span>
        <IconButton
          tone="primary"
          type="submit"
          label={text.composer.send}
          icon={<ArrowUp size={18} />}
          isDisabled={reason !== null}
        />
      </div>
    </form>
  );
}
