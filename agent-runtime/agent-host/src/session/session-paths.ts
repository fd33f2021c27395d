import { join } from 'node:path';

/** Where the files of one session are. */
export interface SessionPaths {
  readonly folder: string;
  readonly journal: string;
  readonly lock: string;
  /** The runtime that works on the session, or worked on it last. */
  readonly holder: string;
  /** There once the session has ended and only waits for what it could not send. */
  readonly ended: string;
  /** Where a long history is gathered to be sent. */
  readonly historyScratch: string;
  /** Folder of the session's tools: pre-images, outputs. */
  readonly toolState: string;
}

/** The files of a session below the runtime's home. Pure. */
export function sessionPaths(home: string, sessionId: string): SessionPaths {
  const folder = join(home, 'sessions', sessionId);
  return {
    folder,
    journal: join(folder, 'journal.log'),
    lock: join(folder, 'lock'),
    holder: join(folder, 'holder.json'),
    ended: join(folder, 'ended'),
    historyScratch: join(folder, 'history.json'),
    toolState: join(folder, 'tools'),
  };
}
