import type { ErrorBody } from '@steward/contracts';
import type { Page } from '@steward/desktop-host/contract';
import { useCallback, useEffect, useRef, useState } from 'react';
import { errorBodyOf } from '../../host-client.ts';

/** A list that is loaded page by page. */
export interface Pages<T> {
  readonly items: readonly T[];
  readonly loading: boolean;
  readonly error: ErrorBody | null;
  /** Loads the next page; null when there is none. */
  readonly more: (() => void) | null;
  readonly reload: () => void;
}

interface State<T> {
  readonly key: string | null;
  readonly items: readonly T[];
  readonly cursor: string | null;
  readonly loading: boolean;
  readonly error: ErrorBody | null;
}

/** Loads the first page whenever the key changes; a null key loads nothing. */
export function usePages<T>(key: string | null, run: (cursor: string | null) => Promise<Page<T>>): Pages<T> {
  const [state, setState] = useState<State<T>>({ key, items: [], cursor: null, loading: key !== null, error: null });
  const latest = useRef(0);
  const runRef = useRef(run);
  runRef.current = run;

  const load = useCallback(
    (cursor: string | null) => {
      const turn = ++latest.current;
      if (key === null) {
        setState({ key, items: [], cursor: null, loading: false, error: null });
        return;
      }
      setState((before) => ({
        key,
        items: before.key === key ? before.items : [],
        cursor: null,
        loading: true,
        error: null,
      }));
      runRef.current(cursor).then(
        (page) => {
          if (turn !== latest.current) return;
          setState((before) => ({
            key,
            items: cursor === null ? page.items : [...before.items, ...page.items],
            cursor: page.nextCursor ?? null,
            loading: false,
            error: null,
          }));
        },
        (error: unknown) =>
          turn === latest.current && setState((before) => ({ ...before, loading: false, error: errorBodyOf(error) })),
      );
    },
    [key],
  );

  useEffect(() => load(null), [load]);
  const current = state.key === key;
  const { cursor } = state;
  return {
    items: current ? state.items : [],
    loading: current ? state.loading : key !== null,
    error: current ? state.error : null,
    more: current && cursor !== null && !state.loading ? () => load(cursor) : null,
    reload: () => load(null),
  };
}
