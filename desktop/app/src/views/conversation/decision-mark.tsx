import { Check, Hand, Hourglass, OctagonX } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ToolItem } from '../../state/thread.ts';
import { text } from '../../text/catalogue.ts';

/** How the call came to run or not: allowed, asked, refused. */
export function DecisionMark({ tool }: { readonly tool: ToolItem }): ReactNode {
  const outcome = tool.approval?.decision ?? tool.decision?.outcome ?? null;
  if (outcome === 'approved' || outcome === 'granted') {
    return (
      <span className="mark ok">
        <Hand size={13} aria-hidden />
        {text.marks.asked}
      </span>
    );
  }
  if (outcome === 'denied' || outcome === 'timeout' || outcome === 'cancelled') {
    return (
      <span className="mark danger">
        <OctagonX size={13} aria-hidden />
        {text.marks[outcome]}
      </span>
    );
  }
  if (tool.phase === 'denied' || tool.decision?.decision === 'deny') {
    return (
      <span className="mark danger">
        <OctagonX size={13} aria-hidden />
        {text.marks.refused}
      </span>
    );
  }
  if (tool.phase === 'waiting_for_approval') {
    return (
      <span className="mark warn">
        <Hourglass size={13} aria-hidden />
        {text.marks.waiting}
      </span>
    );
  }
  return tool.decision === null ? null : (
    <span className="mark soft">
      <Check size={13} aria-hidden />
      {text.marks.allowed}
    </span>
  );
}
