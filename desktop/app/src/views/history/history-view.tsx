import './history.css';
import { ArrowLeft, FolderClosed, History as HistoryIcon, MessageCircle, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { HistorySession, HistoryWorkspace } from '@steward/desktop-host/contract';
import { attempt } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { navigate, say } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Empty, Failure, Skeleton } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { ViewBar } from '../frame/view-bar.tsx';
import { PastThread } from './past-thread.tsx';
import { usePages } from './use-pages.ts';

/** Past conversations by workspace, from the Workspace Service only. */
export function HistoryView({
  workspaceId,
  sessionId,
}: {
  readonly workspaceId: string | null;
  readonly sessionId: string | null;
}): ReactNode {
  const workspaces = usePages('workspaces', (cursor) =>
    host().call('listWorkspaces', cursor === null ? {} : { cursor }),
  );
  const sessions = usePages(workspaceId && `sessions:${workspaceId}`, (cursor) =>
    host().call('listSessions', { workspaceId: workspaceId ?? '', ...(cursor === null ? {} : { cursor }) }),
  );
  const [deleting, setDeleting] = useState<HistoryWorkspace | null>(null);
  const workspace = workspaces.items.find((item) => item.workspaceId === workspaceId) ?? null;
  const session = sessions.items.find((item) => item.sessionId === sessionId) ?? null;
  const remove = (target: HistoryWorkspace): Promise<boolean> =>
    attempt(async () => {
      await host().call('deleteWorkspace', { workspaceId: target.workspaceId });
      say(text.history.deleted(target.name));
      navigate({ view: 'history', workspaceId: null, sessionId: null });
      workspaces.reload();
    });
  const level = sessionId ? 'thread' : workspaceId ? 'sessions' : 'workspaces';

  return (
    <div className="view">
      <ViewBar title={text.history.title} />
      {workspaces.error ? (
        <Failure title={text.history.failed} error={workspaces.error} onRetry={workspaces.reload} />
      ) : null}
      {workspaces.loading && workspaces.items.length === 0 ? <Skeleton /> : null}
      {!workspaces.loading && !workspaces.error && workspaces.items.length === 0 ? (
        <Empty
          centred
          icon={<HistoryIcon size={28} aria-hidden />}
          title={text.history.empty}
          hint={text.history.emptyHint}
        />
      ) : null}
      {workspaces.items.length > 0 ? (
        <div className="history" data-level={level}>
          <section className="history-pane" aria-label={text.history.workspaces}>
            <ul aria-label={text.history.workspaces}>
              {workspaces.items.map((item) => (
                <li key={item.workspaceId}>
                  <WorkspaceRow workspace={item} current={item.workspaceId === workspaceId} />
                </li>
              ))}
            </ul>
            {workspaces.more ? (
              <Button small onPress={workspaces.more}>
                {text.app.loadMore}
              </Button>
            ) : null}
          </section>
          <section className="history-pane" aria-label={text.history.sessions}>
            {workspaceId === null ? <p className="history-note soft">{text.history.chooseWorkspace}</p> : null}
            {workspace ? <WorkspaceHead workspace={workspace} onDelete={() => setDeleting(workspace)} /> : null}
            {sessions.error ? (
              <Failure title={text.history.failed} error={sessions.error} onRetry={sessions.reload} />
            ) : null}
            {sessions.loading && sessions.items.length === 0 ? <Skeleton /> : null}
            <ul aria-label={text.history.sessions}>
              {sessions.items.map((item) => (
                <li key={item.sessionId}>
                  <SessionRow session={item} current={item.sessionId === sessionId} />
                </li>
              ))}
            </ul>
            {workspaceId !== null && !sessions.loading && !sessions.error && sessions.items.length === 0 ? (
              <p className="history-note soft">{text.history.sessionsEmpty}</p>
            ) : null}
            {sessions.more ? (
              <Button small onPress={sessions.more}>
                {text.app.loadMore}
              </Button>
            ) : null}
          </section>
          <div className="history-thread">
            {workspaceId !== null && sessionId !== null ? (
              <PastThread
                key={sessionId}
                workspaceId={workspaceId}
                sessionId={sessionId}
                session={session}
                folder={workspace?.localPath ?? null}
              />
            ) : (
              <p className="history-note soft">{workspaceId === null ? '' : text.history.chooseSession}</p>
            )}
          </div>
        </div>
      ) : null}
      <Confirm
        title={text.history.deleteTitle(deleting?.name ?? '')}
        action={text.history.deleteAction}
        isOpen={deleting !== null}
        onClose={() => setDeleting(null)}
        onConfirm={() => (deleting ? remove(deleting) : Promise.resolve())}
      >
        {deleting?.localPath ? <p className="mono small">{deleting.localPath}</p> : null}
        {deleting?.sessionCount !== undefined ? <p>{text.history.deleteSessions(deleting.sessionCount)}</p> : null}
        <p>{text.history.deleteBody}</p>
      </Confirm>
    </div>
  );
}

function WorkspaceRow({
  workspace,
  current,
}: {
  readonly workspace: HistoryWorkspace;
  readonly current: boolean;
}): ReactNode {
  const Icon = workspace.scope === 'general' ? MessageCircle : FolderClosed;
  return (
    <a
      className="history-row"
      href={`#/history/${workspace.workspaceId}`}
      aria-current={current ? 'true' : undefined}
      title={workspace.localPath ?? undefined}
    >
      <Icon size={16} aria-hidden />
      <span className="grow truncate">{workspace.name}</span>
      <span className="small soft">
        <Ago iso={workspace.lastActiveAt} />
      </span>
    </a>
  );
}

function WorkspaceHead({
  workspace,
  onDelete,
}: {
  readonly workspace: HistoryWorkspace;
  readonly onDelete: () => void;
}): ReactNode {
  return (
    <div className="history-head">
      <span className="history-back">
        <IconButton
          small
          label={text.history.workspaces}
          icon={<ArrowLeft size={16} />}
          onPress={() => navigate({ view: 'history', workspaceId: null, sessionId: null })}
        />
      </span>
      <span className="grow truncate small soft mono" title={workspace.localPath ?? undefined}>
        {workspace.localPath ?? text.history.general}
      </span>
      <IconButton small label={text.history.deleteWorkspace} icon={<Trash2 size={14} />} onPress={onDelete} />
    </div>
  );
}

function SessionRow({ session, current }: { readonly session: HistorySession; readonly current: boolean }): ReactNode {
  return (
    <a
      className="history-row"
      href={`#/history/${session.workspaceId}/${session.sessionId}`}
      aria-current={current ? 'true' : undefined}
    >
      <span className="grow truncate">{session.title || text.history.untitled}</span>
      <span className="small soft">
        <Ago iso={session.updatedAt} />
      </span>
    </a>
  );
}
