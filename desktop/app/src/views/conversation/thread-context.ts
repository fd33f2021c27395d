import { createContext, useContext } from 'react';

/** What rows of a thread share. sessionId is null in a read-only thread. */
export interface ThreadContextValue {
  readonly sessionId: string | null;
  readonly folder: string | null;
  /** Cards stay open when they are scrolled away and back, so their state lives in the thread. */
  readonly isOpen: (id: string) => boolean;
  readonly toggle: (id: string) => void;
  /** Asks once more for the messages of the conversation that this one continues; absent in a read-only thread. */
  readonly reloadContinued?: () => void;
}

/** The thread around a row. */
export const ThreadContext = createContext<ThreadContextValue>({
  sessionId: null,
  folder: null,
  isOpen: () => false,
  toggle: () => undefined,
});

/** The thread around a row. */
export function useThread(): ThreadContextValue {
  return useContext(ThreadContext);
}
