import type { ErrorBody } from '@steward/contracts';
import { useCallback, useEffect, useRef, useState } from 'react';
import { errorBodyOf } from '../host-client.ts';

/** A query's state; data stays while it is asked again. */
export interface Query<T> {
  readonly data: T | null;
  readonly error: ErrorBody | null;
  readonly loading: boolean;
  readonly reload: () => void;
}

/** Runs a query whenever the key changes, and again on demand. An answer that is overtaken by a newer one is dropped. */
export function useQuery<T>(key: string | null, run: () => Promise<T>): Query<T> {
  const [state, setState] = useState<{ key: string | null; data: T | null; error: ErrorBody | null; loading: boolean }>(
    {
      key,
      data: null,
      error: null,
      loading: key !== null,
    },
  );
  const latest = useRef(0);
  const runRef = useRef(run);
  runRef.current = run;

  const load = useCallback(() => {
    const turn = ++latest.current;
    if (key === null) {
      setState({ key, data: null, error: null, loading: false });
      return;
    }
    setState((before) => ({ key, data: before.key === key ? before.data : null, error: null, loading: true }));
    runRef.current().then(
      (data) => turn === latest.current && setState({ key, data, error: null, loading: false }),
      (error: unknown) =>
        turn === latest.current && setState((before) => ({ ...before, error: errorBodyOf(error), loading: false })),
    );
  }, [key]);

  useEffect(load, [load]);
  const current = state.key === key;
  return {
    data: current ? state.data : null,
    error: current ? state.error : null,
    loading: current ? state.loading : key !== null,
    reload: load,
  };
}
