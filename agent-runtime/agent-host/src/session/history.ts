import type { ConversationMessage, SessionHistory } from '@steward/contracts';
import type { HostDeps } from './session-deps.ts';
import type { SessionState } from './session-state.ts';

const titleChars = 80;

/** A conversation's title: the first prompt, on one line and shortened. */
export function titleOf(messages: readonly ConversationMessage[]): string | undefined {
  const first = messages
    .find(({ role }) => role === 'user')
    ?.content.replace(/\s+/g, ' ')
    .trim();
  if (first === undefined || first === '') return undefined;
  if (first.length <= titleChars) return first;
  const cut = first.slice(0, titleChars);
  return `${cut.slice(0, cut.lastIndexOf(' ') > 40 ? cut.lastIndexOf(' ') : titleChars)}…`;
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
