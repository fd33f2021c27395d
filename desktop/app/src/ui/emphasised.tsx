import type { ReactNode } from 'react';

/** A sentence in which *words* stand out; nothing else in it is interpreted. */
export function Emphasised({ source }: { readonly source: string }): ReactNode {
  return source
    .split(/\*([^*\n]+)\*/)
    .map((part, index) => (index % 2 === 1 ? <em key={index}>{part}</em> : <span key={index}>{part}</span>));
}
