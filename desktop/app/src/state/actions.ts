import type { ApprovalScope, PendingApproval, TaskOptions } from '@steward/contracts';
import type { Settings } from '@steward/desktop-host/contract';
import { newTaskId } from '../format/ids.ts';
import { errorBodyOf } from '../host-client.ts';
import { errorSentence } from '../text/errors.ts';
import { host } from './app-runtime.ts';
import { navigate, say, setDraft, useAppStore } from './app-store.ts';

/** Runs something that may fail and says the failure; resolves to whether it went well. */
export async function attempt(run: () => Promise<void>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    say(errorSentence(errorBodyOf(error)), 'error');
    return false;
  }
}

/** Starts sign-in; in a browser the page goes to the provider. */
export function signIn(): Promise<boolean> {
  return attempt(async () => {
    const { navigateTo } = await host().call('signIn', {});
    if (navigateTo !== undefined && /^https?:\/\//.test(new URL(navigateTo, location.href).href))
      location.assign(navigateTo);
  });
}

/** Ends the sign-in on this machine. */
export function signOut(): Promise<boolean> {
  return attempt(async () => void (await host().call('signOut', {})));
}

/** Opens a conversation and goes there. */
export function openConversation(params: {
  projectDir: string | null;
  continueFromSessionId?: string;
  workspaceId?: string;
}): Promise<boolean> {
  return attempt(async () => {
    const conversation = await host().call('openConversation', params);
    navigate({ view: 'conversation', sessionId: conversation.sessionId, patch: false });
  });
}

/** Closes a live conversation; its history stays. */
export function closeConversation(sessionId: string): Promise<boolean> {
  return attempt(async () => {
    await host().call('closeConversation', { sessionId });
    const { route } = useAppStore.getState();
    if (route.view === 'conversation' && route.sessionId === sessionId) navigate({ view: 'conversations' });
  });
}

/** Resumes, replaces or closes an interrupted conversation. */
export function recover(sessionId: string, action: 'resume' | 'start_fresh' | 'close'): Promise<boolean> {
  return attempt(async () => {
    const conversation = await host().call('recoverConversation', { sessionId, action });
    if (action === 'close' || conversation === null) navigate({ view: 'conversations' });
    else if (conversation.sessionId !== sessionId)
      navigate({ view: 'conversation', sessionId: conversation.sessionId, patch: false });
  });
}

/** Sends a prompt. The draft is kept when the host refuses it. */
export async function sendPrompt(sessionId: string, prompt: string, taskOptions: TaskOptions): Promise<boolean> {
  setDraft(sessionId, '');
  const sent = await attempt(
    async () => void (await host().call('startTask', { sessionId, taskId: newTaskId(), prompt, taskOptions })),
  );
  if (!sent && (useAppStore.getState().drafts[sessionId] ?? '') === '') setDraft(sessionId, prompt);
  return sent;
}

/** Cancels the running task; force also stops the running tool. */
export function cancelTask(sessionId: string, force: boolean): Promise<boolean> {
  return attempt(async () => void (await host().call('cancelTask', { sessionId, ...(force ? { force } : {}) })));
}

/** Answers an approval for exactly the action that was shown. */
export function decide(
  approval: PendingApproval,
  decision: 'approved' | 'denied' | 'held',
  details: { scope?: ApprovalScope; reason?: string } = {},
): Promise<boolean> {
  return attempt(async () => {
    const { sessionId, approvalId, actionDigest } = approval;
    const answer = await host().call('approve', { sessionId, approvalId, actionDigest, decision, ...details });
    if (!answer.first) say(`This was answered before: ${answer.decision}.`);
    useAppStore.setState((state) => {
      const known = state.remoteApprovals[sessionId];
      if (!known || decision === 'held') return state;
      return {
        remoteApprovals: {
          ...state.remoteApprovals,
          [sessionId]: known.filter((other) => other.approvalId !== approvalId),
        },
      };
    });
  });
}

/** Keeps choices on this machine. */
export function changeSettings(settings: Partial<Settings>): Promise<boolean> {
  return attempt(async () => {
    const saved = await host().call('setSettings', { settings });
    useAppStore.setState((state) => (state.snapshot ? { snapshot: { ...state.snapshot, settings: saved } } : state));
  });
}

/** Keeps the person's decision about the folder of a conversation. */
export function setFolderTrust(sessionId: string, trusted: boolean): Promise<boolean> {
  return attempt(async () => {
    await host().call('setFolderTrust', { sessionId, trusted });
  });
}

/** Asks no more about the folder of this conversation, until the window is loaded again. */
export function postponeTrust(sessionId: string): void {
  useAppStore.setState((state) => ({ trustPostponed: [...state.trustPostponed, sessionId] }));
}
