import type { ApproveActionResult } from '@steward/contracts';
import type { HostCalls } from '../contract/bridge.ts';
import type { Conversations } from '../sessions/conversations.ts';

/**
 * Hands a person's answer to the runtime that asked. The host adds nothing: the runtime compares the digest, keeps
 * the first answer and tells every client.
 */
export async function decideApproval(
  conversations: Conversations,
  params: HostCalls['approve']['params'],
): Promise<ApproveActionResult> {
  return conversations.get(params.sessionId).request('ApproveAction', params);
}
