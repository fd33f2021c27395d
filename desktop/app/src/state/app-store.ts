import type { ErrorBody, PendingApproval } from '@steward/contracts';
import type { HostSnapshot } from '@steward/desktop-host/contract';
import { create } from 'zustand';
import { formatRoute, parseRoute } from './route.ts';
import type { Route } from './route.ts';
import type { ThreadState } from './thread.ts';

/** Whether a thread's events are there. */
export interface ThreadLoad {
  readonly state: 'loading' | 'ready' | 'failed';
  readonly error: ErrorBody | null;
}

/** A sentence shown for a while at the foot of the window. */
export interface Toast {
  readonly id: number;
  readonly tone: 'info' | 'error';
  readonly text: string;
}

/** What is open over the page. */
export type Overlay = 'palette' | 'keyboard' | null;

/** Everything the renderer keeps; the truth behind it is the host's. */
export interface AppState {
  readonly connection: 'connecting' | 'up' | 'down';
  /** The shell answers, but not to this window any more: it was started again. */
  readonly locked: boolean;
  readonly snapshot: HostSnapshot | null;
  readonly route: Route;
  readonly threads: Readonly<Record<string, ThreadState>>;
  readonly loads: Readonly<Record<string, ThreadLoad>>;
  /** Pending approvals of conversations whose thread is not open. */
  readonly remoteApprovals: Readonly<Record<string, readonly PendingApproval[]>>;
  /** Unsent text by conversation. */
  readonly drafts: Readonly<Record<string, string>>;
  /** Conversations whose folder the person does not want to decide about now. */
  readonly trustPostponed: readonly string[];
  readonly overlay: Overlay;
  readonly railOpen: boolean;
  readonly toasts: readonly Toast[];
}

/** The renderer's store. Views read it with narrow selectors; {@link module:actions} change it. */
export const useAppStore = create<AppState>(() => ({
  connection: 'connecting',
  locked: false,
  snapshot: null,
  route: parseRoute(typeof location === 'undefined' ? '' : location.hash),
  threads: {},
  loads: {},
  remoteApprovals: {},
  drafts: {},
  trustPostponed: [],
  overlay: null,
  railOpen: false,
  toasts: [],
}));

/** Goes to a route and puts it in the address. */
export function navigate(route: Route): void {
  useAppStore.setState({ route, railOpen: false });
  const hash = formatRoute(route);
  if (location.hash !== hash) location.hash = hash;
}

/** Opens or closes what lies over the page. */
export function setOverlay(overlay: Overlay): void {
  useAppStore.setState({ overlay });
}

let nextToast = 1;

/** Says a sentence for six seconds. */
export function say(text: string, tone: Toast['tone'] = 'info'): void {
  const toast: Toast = { id: nextToast++, tone, text };
  useAppStore.setState((state) => ({ toasts: [...state.toasts.slice(-2), toast] }));
  setTimeout(() => dismissToast(toast.id), 6000);
}

/** Takes a sentence away. */
export function dismissToast(id: number): void {
  useAppStore.setState((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) }));
}

/** Keeps unsent text of a conversation. */
export function setDraft(sessionId: string, text: string): void {
  useAppStore.setState((state) => ({ drafts: { ...state.drafts, [sessionId]: text } }));
}
