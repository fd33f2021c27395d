import type { SessionEvent } from '@steward/contracts';
import { errorBodyOf } from '../host-client.ts';
import type { HostClient } from '../host-client.ts';
import { useAppStore } from './app-store.ts';
import { parseRoute } from './route.ts';
import { approvalsToAsk } from './selectors.ts';
import { SessionFeed } from './session-feed.ts';

let client: HostClient | null = null;
const feeds = new Map<string, SessionFeed>();

/** The client given to {@link startApp}. Fails before that. */
export function host(): HostClient {
  if (client === null) throw new Error('The app has not been started: call startApp first.');
  return client;
}

/** Connects the store to a host: listens, loads the first snapshot, and reloads whatever was missed after `up`. */
export function startApp(given: HostClient): void {
  client = given;
  given.listen({
    onSnapshot: takeSnapshot,
    onSessionEvent: (sessionId, event) => takeEvent(sessionId, event),
    onConnection: (state) => {
      useAppStore.setState({ connection: state });
      if (state === 'up') void reload();
      else void watchAdmission();
    },
  });
  window.addEventListener('hashchange', () => useAppStore.setState({ route: parseRoute(location.hash) }));
  void reload();
}

/** Opens a conversation's feed if it is not open yet, and loads what it has missed. */
export function openFeed(sessionId: string): void {
  if (!feeds.has(sessionId)) {
    const feed = createFeed(sessionId);
    feeds.set(sessionId, feed);
    void feed.load();
  }
}

/** Loads what a conversation's feed has missed; for Try again. */
export function reloadFeed(sessionId: string): void {
  void feeds.get(sessionId)?.load();
}

async function reload(): Promise<void> {
  try {
    const snapshot = await host().call('getSnapshot', {});
    takeSnapshot(snapshot);
    useAppStore.setState({ connection: 'up' });
  } catch (error) {
    if (!errorBodyOf(error).retryable) useAppStore.setState({ connection: 'down' });
    return;
  }
  for (const feed of feeds.values()) void feed.load();
}

let watching = false;

// A web shell that was started again does not know this window; only its new link lets it in.
async function watchAdmission(): Promise<void> {
  if (watching || window.steward !== undefined) return;
  watching = true;
  while (useAppStore.getState().connection === 'down') {
    const status = await fetch('/', { method: 'HEAD', cache: 'no-store' }).then(
      (answer) => answer.status,
      () => 0,
    );
    useAppStore.setState({ locked: status === 401 });
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
  watching = false;
  useAppStore.setState({ locked: false });
}

function takeSnapshot(snapshot: NonNullable<ReturnType<typeof useAppStore.getState>['snapshot']>): void {
  const before = useAppStore.getState().snapshot;
  useAppStore.setState({ snapshot });
  for (const sessionId of approvalsToAsk(before, snapshot, (id) => feeds.has(id))) void loadApprovals(sessionId);
}

async function loadApprovals(sessionId: string): Promise<void> {
  try {
    const { pendingApprovals } = await host().call('getConversationState', { sessionId });
    useAppStore.setState((state) => ({ remoteApprovals: { ...state.remoteApprovals, [sessionId]: pendingApprovals } }));
  } catch {
    // A runtime that does not run can't tell; it is asked when it runs again.
  }
}

function takeEvent(sessionId: string, event: SessionEvent): void {
  feeds.get(sessionId)?.push(event);
}

function createFeed(sessionId: string): SessionFeed {
  return new SessionFeed({
    getEvents: (fromSeq) => host().call('getEvents', { sessionId, fromSeq, limit: 1000 }),
    nextFrame,
    now: () => new Date().toISOString(),
    onThread: (thread) => useAppStore.setState((state) => ({ threads: { ...state.threads, [sessionId]: thread } })),
    onLoad: (load, error) =>
      useAppStore.setState((state) => ({
        loads: { ...state.loads, [sessionId]: { state: load, error: load === 'failed' ? errorBodyOf(error) : null } },
      })),
  });
}

// Frames stop in a hidden window, where approvals must still be counted; a timer stands in there.
function nextFrame(run: () => void): void {
  if (document.visibilityState === 'hidden') setTimeout(run, 100);
  else requestAnimationFrame(run);
}
