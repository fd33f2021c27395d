import { useEffect, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { host } from '../../state/app-runtime.ts';

/** Files that match what is typed after @, and which one is chosen. */
export interface Mentions {
  readonly open: boolean;
  readonly paths: readonly string[];
  readonly index: number;
  readonly close: () => void;
  /** Takes the keys of an open list; true when the key was taken. */
  readonly onKey: (event: KeyboardEvent, choose: (path: string) => void) => boolean;
}

/** Looks up file names while a mention is typed; sessionId null turns it off. */
export function useMentions(sessionId: string | null, query: string | null): Mentions {
  const [found, setFound] = useState<{ readonly query: string; readonly paths: readonly string[] } | null>(null);
  const [index, setIndex] = useState(0);
  const [closedFor, setClosedFor] = useState<string | null>(null);

  useEffect(() => {
    setIndex(0);
    if (sessionId === null || query === null) {
      setFound(null);
      setClosedFor(null);
      return undefined;
    }
    let current = true;
    const timer = setTimeout(() => {
      host()
        .call('findFileNames', { sessionId, query })
        .then(
          ({ paths }) => current && setFound({ query, paths }),
          () => current && setFound(null),
        );
    }, 60);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [sessionId, query]);

  const paths = found?.paths.slice(0, 8) ?? [];
  const open = query !== null && closedFor !== query && paths.length > 0;
  const close = (): void => setClosedFor(query);
  return {
    open,
    paths,
    index,
    close,
    onKey: (event, choose) => {
      if (!open) return false;
      const path = paths[index];
      if (event.key === 'ArrowDown') setIndex((index + 1) % paths.length);
      else if (event.key === 'ArrowUp') setIndex((index + paths.length - 1) % paths.length);
      else if (event.key === 'Escape') close();
      else if ((event.key === 'Enter' || event.key === 'Tab') && path !== undefined) choose(path);
      else return false;
      event.preventDefault();
      return true;
    },
  };
}
