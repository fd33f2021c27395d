import type { ConversationMessage, SessionHistory } from '@steward/contracts';
import { conversationTitle } from '@steward/sdk';
import type { HostDeps } from './session-deps.ts';
import type { SessionState } from './session-state.ts';

/** A conversation's title: its first prompt, shortened; undefined while there is none. */
export function titleOf(messages: readonly ConversationMessage[]): string | undefined {
  const title = conversationTitle(messages.find(({ role }) => role === 'user')?.content ?? '');
  return title === '' ? undefined : title;
}

/** The thread as the Workspace Service keeps it. Pure. */
export function historyOf(state: SessionState, sessionId: string, taskId: string): SessionHistory {
  const title = titleOf(state.messages);
  return {
    schemaVersion: 1,
    sessionId,
    workspaceId: state.facts?.workspaceId ?? '',
    snapshotAfterTaskId: taskId,
    ...(title === undefined ? {} : { title }),
    messages: state.messages,
    tasks: [...state.tasks].map(([id, task]) => ({ taskId: id, ...task })),
  };
}

/** Replaces the session's history in the Workspace Service by the present thread. */
export async function uploadHistory(
  { backend, newId }: Pick<HostDeps, 'backend' | 'newId'>,
  state: SessionState,
  sessionId: string,
  taskId: string,
): Promise<void> {
  const history = historyOf(state, sessionId, taskId);
  const artifact = {
    artifactId: newId('art'),
    sessionId,
    taskId,
    artifactType: 'session_history',
    name: 'history.json',
    ...(history.title === undefined ? {} : { title: history.title }),
    contentType: 'application/json',
    snapshotAfterTaskId: taskId,
  };
  await backend.uploadArtifact(history.workspaceId, artifact, {
    kind: 'bytes',
    bytes: Buffer.from(JSON.stringify(history)),
  });
}
