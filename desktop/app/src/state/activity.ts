import { formatDuration } from '../format/time.ts';
import { text } from '../text/catalogue.ts';
import { toolObject, toolSentence } from '../text/tools.ts';
import type { ThreadState, ToolItem } from './thread.ts';

/** What is happening right now, in words; empty when no task is running. */
export function activityOf(thread: ThreadState, folder: string | null): string {
  if (thread.task?.running !== true) return '';
  const approval = thread.approvals[0];
  if (approval) return text.activity.approval(approval.title);
  const open = openTools(thread);
  const latest = open.at(-1);
  if (latest?.phase === 'checking') return text.activity.checking(toolObject(latest, folder) || latest.toolName);
  if (latest && open.length === 1) return text.activity.running(toolSentence(latest, folder));
  if (latest) return text.activity.runningMany(open.length, toolSentence(latest, folder));
  if (thread.live) return text.activity.writing;
  if (thread.request?.retryInMs != null)
    return text.activity.retrying(thread.request.attempt, formatDuration(thread.request.retryInMs));
  return thread.request ? text.activity.waitingModel : text.activity.starting;
}

// Tools of the running step are the newest items, so the search ends at the first message.
function openTools(thread: ThreadState): readonly ToolItem[] {
  const open: ToolItem[] = [];
  for (let index = thread.items.length - 1; index >= 0; index -= 1) {
    const item = thread.items[index];
    if (item?.kind !== 'tool' && item?.kind !== 'notice') break;
    if (
      item.kind === 'tool' &&
      (item.phase === 'checking' || item.phase === 'running' || item.phase === 'waiting_for_approval')
    )
      open.unshift(item);
  }
  return open;
}
