import type { PendingApproval } from '@steward/contracts';
import type { Conversation } from '@steward/desktop-host/contract';
import type { AppState } from './app-store.ts';

/** The live conversation of a session, as the host last said. */
export function conversationOf(state: AppState, sessionId: string): Conversation | null {
  return state.snapshot?.conversations.find((conversation) => conversation.sessionId === sessionId) ?? null;
}

/** Pending approvals with the conversation they belong to, oldest first. */
export interface InboxEntry {
  readonly conversation: Conversation;
  readonly approval: PendingApproval;
}

/** The part of the state that the inbox is made of. */
type InboxState = Pick<AppState, 'snapshot' | 'threads' | 'remoteApprovals'>;

/**
 * Every pending approval over all live conversations whose action is known here, oldest first. What a conversation asks
 * is known from its thread or from its runtime; where neither is there, nobody could read or answer it.
 */
export function inboxOf(state: InboxState): readonly InboxEntry[] {
  const entries = (state.snapshot?.conversations ?? []).flatMap((conversation) =>
    approvalsOf(conversation, state).map((approval) => ({ conversation, approval })),
  );
  return entries.sort((a, b) => a.approval.createdAt.localeCompare(b.approval.createdAt));
}

function approvalsOf(conversation: Conversation, state: InboxState): readonly PendingApproval[] {
  const { sessionId, pendingApprovals } = conversation;
  const thread = state.threads[sessionId];
  if (thread !== undefined) return thread.approvals;
  return pendingApprovals === 0 ? [] : (state.remoteApprovals[sessionId] ?? []);
}

/** How many approvals the inbox lists. */
export function inboxCount(state: InboxState): number {
  return inboxOf(state).length;
}

/**
 * Sessions whose runtime is to be asked for its approvals: their number changed, or the runtime, which alone can tell
 * them, runs again. Threads that are open hear of theirs by events.
 */
export function approvalsToAsk(
  before: AppState['snapshot'],
  now: NonNullable<AppState['snapshot']>,
  isOpen: (sessionId: string) => boolean,
): readonly string[] {
  return now.conversations
    .filter(({ sessionId, runtime, pendingApprovals }) => {
      if (isOpen(sessionId)) return false;
      const earlier = before?.conversations.find((other) => other.sessionId === sessionId);
      const runsAgain = runtime === 'running' && earlier?.runtime !== 'running' && pendingApprovals > 0;
      return runsAgain || pendingApprovals !== (earlier?.pendingApprovals ?? 0);
    })
    .map(({ sessionId }) => sessionId);
}

/** Whether the person's roles show the policy: admins change it, auditors read it. */
export function maySeePolicy({ snapshot }: Pick<AppState, 'snapshot'>): boolean {
  return (snapshot?.identity.user?.roles ?? []).some((role) => role === 'admin' || role === 'auditor');
}
