import { Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { NoticeItem } from '../../state/thread.ts';
import { text } from '../../text/catalogue.ts';
import { errorSentence } from '../../text/errors.ts';
import { Button } from '../../ui/button.tsx';
import { Ago } from '../../ui/time.tsx';
import { useThread } from './thread-context.ts';

/** What happened to the conversation itself, on one line between messages. */
export function NoticeLine({ item }: { readonly item: NoticeItem }): ReactNode {
  const { reloadContinued } = useThread();
  const retry = item.notice.type === 'continued_failed' ? reloadContinued : undefined;
  const Icon = item.tone === 'warning' ? TriangleAlert : Info;
  return (
    <p className={`notice ${item.tone}`}>
      <Icon size={14} aria-hidden />
      <span className="grow">{noticeText(item.notice)}</span>
      {retry ? (
        <Button small onPress={retry}>
          {text.app.retry}
        </Button>
      ) : null}
      <span className="small soft">
        <Ago iso={item.at} />
      </span>
    </p>
  );
}

/** A notice in words. */
export function noticeText(notice: NoticeItem['notice']): string {
  switch (notice.type) {
    case 'resumed':
      return notice.recovered ? text.notices.recovered : text.notices.resumed;
    case 'compacted':
      return notice.summarised ? text.notices.summarised(notice.dropped) : text.notices.compacted(notice.dropped);
    case 'step_limit':
      return text.notices.stepLimit(notice.step, notice.max);
    case 'gap':
      return text.notices.gap;
    case 'effect_unknown':
      return text.notices.effectUnknown(notice.description);
    case 'policy':
      return text.notices.policy(notice.policyName, notice.state);
    case 'policy_replaced':
      return text.notices.policyReplaced(notice.policyName);
    case 'kill_switch':
      return notice.active ? text.notices.killSwitchOn : text.notices.killSwitchOff;
    case 'remote_tools':
      return notice.problems
        .map(({ server, toolName, reason }) =>
          text.notices.remoteTool(toolName === undefined ? server : `${server}/${toolName}`, reason),
        )
        .join(' ');
    case 'continued':
      return text.conversation.continued;
    case 'continued_failed':
      return text.conversation.continuedFailed;
    case 'rewound':
      return [text.rewind.done(notice.restored), ...notice.refused.map(text.rewind.leftAlone)].join(' ');
    case 'session_failed':
      return `${text.notices.sessionFailed} ${errorSentence(notice.error)}`;
  }
}
