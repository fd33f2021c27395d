import { basename } from 'node:path';
import type { ServiceClient, WorkspacePaths } from '@steward/sdk';
import { StewardError, validateSessionHistory } from '@steward/sdk';
import type { SessionHistory, SessionStatus } from '@steward/contracts';
import type { ArtifactContent, HistorySession, HistoryWorkspace, Page } from '../contract/bridge.ts';
import { describeContent, maxTextBytes } from './artifact-content.ts';

/** What {@link createHistory} needs. */
export interface HistoryDeps {
  readonly workspaces: ServiceClient<WorkspacePaths>;
  /** Status of a session that is open here; undefined for the others. */
  readonly liveStatus: (sessionId: string) => SessionStatus | undefined;
  /** Sessions that are open in a workspace. */
  readonly openSessionsOf: (workspaceId: string) => readonly string[];
  /** Runs a call, once more with a fresh token when the service answers 401. */
  readonly authorized: <T>(call: () => Promise<T>) => Promise<T>;
}

/** Past work, from the Workspace Service alone. */
export interface History {
  listWorkspaces(cursor: string | undefined): Promise<Page<HistoryWorkspace>>;
  listSessions(workspaceId: string, cursor: string | undefined): Promise<Page<HistorySession>>;
  getHistory(workspaceId: string, sessionId: string): Promise<SessionHistory>;
  /** CONFLICT unless the saved history of a session holds this message. */
  requireMessage(workspaceId: string, sessionId: string, messageId: string): Promise<void>;
  /** Removes everything of the workspace; CONFLICT while one of its conversations is open. */
  deleteWorkspace(workspaceId: string): Promise<void>;
  getArtifact(workspaceId: string, artifactId: string): Promise<ArtifactContent>;
}

const pageSize = 50;
const maxHistoryBytes = 64 * 1024 * 1024;

/** History as one person sees it. */
export function createHistory(deps: HistoryDeps): History {
  const { workspaces, authorized } = deps;
  return {
    listWorkspaces: (cursor) =>
      authorized(async () => {
        const query = { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) };
        const page = dataOf(await workspaces.GET('/workspaces', { params: { query } }));
        return { ...nextOf(page), items: page.items.map(toWorkspace) };
      }),
    listSessions: (workspaceId, cursor) =>
      authorized(async () => {
        const query = { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) };
        const page = dataOf(
          await workspaces.GET('/workspaces/{workspaceId}/sessions', { params: { path: { workspaceId }, query } }),
        );
        const items = page.items.map((session) => ({
          sessionId: session.sessionId,
          workspaceId: session.workspaceId,
          title: session.title ?? 'Untitled conversation',
          status: deps.liveStatus(session.sessionId) ?? ('SESSION_COMPLETED' as const),
          createdAt: session.createdAt,
          updatedAt: session.updatedAt,
          hasHistory: true,
        }));
        return { ...nextOf(page), items };
      }),
    getHistory: (workspaceId, sessionId) => authorized(() => loadHistory(workspaces, workspaceId, sessionId)),
    requireMessage: async (workspaceId, sessionId, messageId) => {
      const history = await authorized(() => loadHistory(workspaces, workspaceId, sessionId));
      if (!history.messages.some((message) => message.messageId === messageId))
        throw new StewardError(
          'CONFLICT',
          'This step is not in the saved history yet. It is saved when its task ends; fork from it then.',
        );
    },
    deleteWorkspace: async (workspaceId) => {
      if (deps.openSessionsOf(workspaceId).length > 0) {
        throw new StewardError(
          'CONFLICT',
          'A conversation of this workspace is open. Close it first, then delete the workspace.',
        );
      }
      await authorized(() => workspaces.DELETE('/workspaces/{workspaceId}', { params: { path: { workspaceId } } }));
    },
    getArtifact: (workspaceId, artifactId) => authorized(() => loadArtifact(workspaces, workspaceId, artifactId)),
  };
}

async function loadHistory(
  workspaces: ServiceClient<WorkspacePaths>,
  workspaceId: string,
  sessionId: string,
): Promise<SessionHistory> {
  const page = dataOf(
    await workspaces.GET('/workspaces/{workspaceId}/artifacts', {
      params: { path: { workspaceId }, query: { sessionId, artifactType: 'session_history', limit: 50 } },
    }),
  );
  // While a newer snapshot is on its way, the stored one before it is what there is to see.
  const stored = page.items.filter((item) => item.status === 'stored');
  const artifact = stored.sort((left, right) => (left.updatedAt < right.updatedAt ? 1 : -1))[0];
  if (artifact === undefined) {
    throw new StewardError(
      'NOT_FOUND',
      'Nothing of this conversation has been saved yet; it is saved after each task.',
    );
  }
  if (artifact.sizeBytes > maxHistoryBytes) {
    throw new StewardError(
      'FILE_TOO_LARGE',
      'This conversation is too long to show here. Export the workspace instead.',
    );
  }
  const bytes = await contentOf(workspaces, workspaceId, artifact.artifactId);
  const history = parseHistory(Buffer.from(bytes).toString('utf8'));
  if (history === undefined || history.sessionId !== sessionId) {
    throw new StewardError('INTERNAL_ERROR', 'The saved history of this conversation can’t be read.', {
      retryable: false,
    });
  }
  return history;
}

async function loadArtifact(
  workspaces: ServiceClient<WorkspacePaths>,
  workspaceId: string,
  artifactId: string,
): Promise<ArtifactContent> {
  const path = { workspaceId, artifactId };
  const artifact = dataOf(
    await workspaces.GET('/workspaces/{workspaceId}/artifacts/{artifactId}', { params: { path } }),
  );
  const facts = { contentType: artifact.contentType, sizeBytes: artifact.sizeBytes };
  if (artifact.sizeBytes === 0) return describeContent(facts, new Uint8Array());
  const range = artifact.sizeBytes > maxTextBytes ? `bytes=0-${maxTextBytes - 1}` : undefined;
  return describeContent(facts, await contentOf(workspaces, workspaceId, artifactId, range));
}

async function contentOf(
  workspaces: ServiceClient<WorkspacePaths>,
  workspaceId: string,
  artifactId: string,
  range?: string,
): Promise<Uint8Array> {
  const { data } = await workspaces.GET('/workspaces/{workspaceId}/artifacts/{artifactId}/content', {
    params: { path: { workspaceId, artifactId }, header: range === undefined ? {} : { Range: range } },
    parseAs: 'arrayBuffer',
  });
  return new Uint8Array(data as unknown as ArrayBuffer);
}

function toWorkspace(workspace: {
  workspaceId: string;
  workspaceScope: HistoryWorkspace['scope'];
  localPath?: string;
  createdAt: string;
  lastActiveAt: string;
}): HistoryWorkspace {
  const localPath = workspace.localPath ?? null;
  return {
    workspaceId: workspace.workspaceId,
    scope: workspace.workspaceScope,
    localPath,
    name: localPath === null ? 'General chat' : basename(localPath) || localPath,
    createdAt: workspace.createdAt,
    lastActiveAt: workspace.lastActiveAt,
  };
}

function parseHistory(text: string): SessionHistory | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return validateSessionHistory(value) === true ? (value as SessionHistory) : undefined;
  } catch {
    return undefined;
  }
}

function dataOf<T>(answer: { data?: T }): T {
  if (answer.data === undefined)
    throw new StewardError('INTERNAL_ERROR', 'The Workspace Service answered without content.');
  return answer.data;
}

function nextOf(page: { nextCursor?: string }): { nextCursor?: string } {
  return page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor };
}
