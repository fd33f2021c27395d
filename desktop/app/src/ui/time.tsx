import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { formatExact, formatRelative } from '../format/time.ts';

/** The time now, renewed every so many milliseconds. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** How long ago, with the exact time on hover. */
export function Ago({ iso }: { readonly iso: string }): ReactNode {
  const now = useNow(30_000);
  return (
    <time dateTime={iso} title={formatExact(iso)}>
      {formatRelative(iso, now)}
    </time>
  );
}
