import { cancelTask, changeSettings, closeConversation, openConversation, signOut } from '../../state/actions.ts';
import { navigate, setOverlay } from '../../state/app-store.ts';
import type { AppState } from '../../state/app-store.ts';
import { maySeePolicy } from '../../state/selectors.ts';
import { text } from '../../text/catalogue.ts';

/** One action of the palette. */
export interface Command {
  readonly id: string;
  readonly label: string;
  readonly run: () => void;
}

/** Every action that makes sense now: those of the open conversation first, then places, then choices. */
export function listCommands(state: AppState): Command[] {
  return [...conversationCommands(state), ...places(state), ...choices(state)];
}

function conversationCommands(state: AppState): Command[] {
  const { route } = state;
  if (route.view !== 'conversation') return [];
  const { sessionId } = route;
  const running = state.threads[sessionId]?.task?.running === true;
  return [
    { id: 'compose', label: text.palette.focusComposer, run: () => document.getElementById('composer')?.focus() },
    { id: 'changes', label: text.palette.reviewChanges, run: () => navigate({ ...route, patch: true }) },
    ...(running
      ? [{ id: 'cancel', label: text.palette.cancelTask, run: () => void cancelTask(sessionId, false) }]
      : []),
    { id: 'close', label: text.titleBar.closeConversation, run: () => void closeConversation(sessionId) },
  ];
}

function places(state: AppState): Command[] {
  const conversations = state.snapshot?.conversations ?? [];
  return [
    { id: 'new', label: text.rail.newConversation, run: () => navigate({ view: 'new' }) },
    ...conversations.map((conversation) => ({
      id: `conversation:${conversation.sessionId}`,
      label: text.palette.conversation(conversation.title),
      run: () => navigate({ view: 'conversation', sessionId: conversation.sessionId, patch: false }),
    })),
    ...(state.snapshot?.settings.recentFolders ?? []).slice(0, 8).map((path) => ({
      id: `folder:${path}`,
      label: text.palette.folder(path),
      run: () => void openConversation({ projectDir: path }),
    })),
    { id: 'general', label: text.newConversation.startGeneral, run: () => void openConversation({ projectDir: null }) },
    {
      id: 'conversations',
      label: text.palette.goTo(text.rail.conversations),
      run: () => navigate({ view: 'conversations' }),
    },
    { id: 'inbox', label: text.palette.goTo(text.rail.inbox), run: () => navigate({ view: 'inbox' }) },
    {
      id: 'history',
      label: text.palette.goTo(text.rail.history),
      run: () => navigate({ view: 'history', workspaceId: null, sessionId: null }),
    },
    ...(maySeePolicy(state)
      ? [
          {
            id: 'policy',
            label: text.palette.goTo(text.rail.policy),
            run: () => navigate({ view: 'policy', version: null, tab: 'edit', history: false }),
          },
        ]
      : []),
    { id: 'settings', label: text.palette.goTo(text.rail.settings), run: () => navigate({ view: 'settings' }) },
    {
      id: 'diagnostics',
      label: text.palette.goTo(text.rail.diagnostics),
      run: () => navigate({ view: 'diagnostics' }),
    },
  ];
}

function choices(state: AppState): Command[] {
  const collapsed = state.snapshot?.settings.railCollapsed === true;
  return [
    ...(['system', 'light', 'dark'] as const).map((theme) => ({
      id: `theme:${theme}`,
      label: text.palette.theme(text.settings.themes[theme]),
      run: () => void changeSettings({ theme }),
    })),
    {
      id: 'rail',
      label: collapsed ? text.rail.expand : text.rail.collapse,
      run: () => void changeSettings({ railCollapsed: !collapsed }),
    },
    { id: 'keyboard', label: text.palette.keyboard, run: () => setOverlay('keyboard') },
    { id: 'sign-out', label: text.rail.signOut, run: () => void signOut() },
  ];
}
