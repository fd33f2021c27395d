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

/** Every pending approval over all live conversations, oldest first. */
export function inboxOf(state: Pick<AppState, 'snapshot' | 'threads' | 'remoteApprovals'>): readonly InboxEntry[] {
  const entries = (state.snapshot?.conversations ?? []).flatMap((conversation) => {
    const approvals =
      state.threads[conversation.sessionId]?.approvals ?? state.remoteApprovals[conversation.sessionId] ?? [];
    return approvals.map((approval) => ({ conversation, approval }));
  });
  return entries.sort((a, b) => a.approval.createdAt.localeCompare(b.approval.createdAt));
}

/** How many approvals wait, counting those not loaded yet. */
export function inboxCount(state: Pick<AppState, 'snapshot' | 'threads'>): number {
  return (state.snapshot?.conversations ?? []).reduce(
    (count, conversation) =>
      count + (state.threads[conversation.sessionId]?.approvals.length ?? conversation.pendingApprovals),
    0,
  );
}

/** Whether the person's roles show the policy: admins change it, auditors read it. */
export function maySeePolicy({ snapshot }: Pick<AppState, 'snapshot'>): boolean {
  return (snapshot?.identity.user?.roles ?? []).some((role) => role === 'admin' || role === 'auditor');
}
