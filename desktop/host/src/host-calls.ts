import type { HostCallName, HostCalls } from './contract/bridge.ts';
import { StewardError } from '@steward/sdk';
import { decideApproval } from './approvals/decide.ts';
import { findFileNames } from './sessions/find-file-names.ts';
import { browseFolders } from './settings/browse-folders.ts';
import type { HostParts } from './host-parts.ts';
import type { Person } from './identity/person.ts';

/** One function per call of the bridge; params have been checked before. */
export type HostHandlers = {
  readonly [K in HostCallName]: (params: HostCalls[K]['params']) => Promise<HostCalls[K]['result']>;
};

/** The table from call to the part that answers it. */
export function createHostCalls(parts: HostParts): HostHandlers {
  const { conversations, identity, history, settings } = parts;
  const ask = conversations.get.bind(conversations);
  return {
    getSnapshot: async () => parts.snapshot(),
    signIn: async () => {
      const page = await identity.signIn();
      return (await parts.showSignInPage(page)) ? {} : { navigateTo: page.href };
    },
    signOut: async () => {
      await conversations.suspendAll('You signed out while this conversation was open. Resume it to go on.');
      await identity.signOut();
      return {};
    },
    browseFolders: ({ path }) => browseFolders(path),
    chooseFolder: async () => {
      if (parts.chooseFolder === undefined) return { path: null, available: false };
      return { path: await parts.chooseFolder(), available: true };
    },
    openConversation: async (params) => {
      const conversation = await conversations.open(params);
      if (params.projectDir !== null) await settings.rememberFolder(params.projectDir);
      return conversation;
    },
    getConversationState: ({ sessionId }) => ask(sessionId).state(),
    closeConversation: async ({ sessionId }) => {
      await conversations.close(sessionId);
      return {};
    },
    recoverConversation: ({ sessionId, action }) => conversations.recover(sessionId, action),
    startTask: (params) => ask(params.sessionId).request('StartTask', params),
    cancelTask: (params) => ask(params.sessionId).request('CancelTask', params),
    approve: (params) => decideApproval(conversations, params),
    getEvents: ({ sessionId, fromSeq, limit }) => ask(sessionId).events(fromSeq, limit ?? 500),
    getMessages: (params) => ask(params.sessionId).request('GetMessages', { limit: 100, ...params }),
    getPatch: (params) => ask(params.sessionId).request('GetPatchPreview', params),
    revertFile: (params) => ask(params.sessionId).request('RevertFile', params),
    acceptPatch: async (params) => {
      await ask(params.sessionId).request('AcceptPatch', params);
      return {};
    },
    getCheckpoints: (params) => ask(params.sessionId).request('GetCheckpoints', params),
    getRewindPlan: (params) => ask(params.sessionId).request('GetRewindPlan', params),
    rewind: (params) => ask(params.sessionId).request('Rewind', params),
    forkConversation: async ({ sessionId, checkpointId }) => {
      const { workspaceId } = ask(sessionId).record;
      if (checkpointId !== 'start') await history.requireMessage(workspaceId, sessionId, checkpointId);
      return conversations.fork(sessionId, checkpointId);
    },
    findFileNames: async ({ sessionId, query }) => {
      const { projectDir } = ask(sessionId).record;
      return { paths: projectDir === null ? [] : await findFileNames(projectDir, query) };
    },
    listWorkspaces: ({ cursor }) => history.listWorkspaces(cursor),
    listSessions: ({ workspaceId, cursor }) => history.listSessions(workspaceId, cursor),
    getHistory: ({ workspaceId, sessionId }) => history.getHistory(workspaceId, sessionId),
    deleteWorkspace: async ({ workspaceId }) => {
      await history.deleteWorkspace(workspaceId);
      return {};
    },
    getArtifact: ({ workspaceId, artifactId }) => history.getArtifact(workspaceId, artifactId),
    setSettings: async (params) => {
      const changed = await settings.change(params.settings);
      parts.changed();
      return changed;
    },
    setFolderTrust: async ({ sessionId, trusted }) => {
      await conversations.setFolderTrust(sessionId, trusted);
      return {};
    },
    listTrustedFolders: async () => ({ paths: parts.trustedFolders.list(signedIn(identity)) }),
    removeTrustedFolder: async ({ path }) => {
      await conversations.trustFolder(path, false);
      return {};
    },
    listSecrets: async () => ({ items: parts.secrets.list(signedIn(identity)), keptBy: parts.secrets.keptBy }),
    setSecret: async (secret) => {
      await parts.secrets.set(signedIn(identity), secret);
      await conversations.pushSecrets();
      return {};
    },
    removeSecret: async ({ name }) => {
      await parts.secrets.remove(signedIn(identity), name);
      await conversations.pushSecrets();
      return {};
    },
    getDiagnostics: () => parts.diagnostics(),
    ...parts.policy,
  };
}

function signedIn({ person }: HostParts['identity']): Person {
  if (person === undefined) throw new StewardError('UNAUTHORIZED', 'Nobody is signed in. Sign in first.');
  return person;
}
