import { useEffect, useState } from 'react';
import { linesOfTokens } from './tokens.ts';
import type { Token } from './tokens.ts';

type Highlighter = (source: string, language: string) => readonly (readonly Token[])[] | null;

/** Characters past which colouring is not worth its time. */
const longestSource = 60_000;

let loaded: Highlighter | null = null;
let loading: Promise<Highlighter> | null = null;

async function loadHighlighter(): Promise<Highlighter> {
  loading ??= import('./highlighter.ts').then(({ highlightTree, knows }) => {
    loaded = (source, language) => (knows(language) ? linesOfTokens(highlightTree(source, language)) : null);
    return loaded;
  });
  return loading;
}

/** A highlighter that is there once it has been loaded; null before, and the plain text is shown. */
export function useHighlighter(wanted: boolean): Highlighter | null {
  const [highlighter, setHighlighter] = useState<{ readonly run: Highlighter } | null>(loaded ? { run: loaded } : null);
  useEffect(() => {
    if (!wanted || highlighter !== null) return undefined;
    let current = true;
    loadHighlighter().then(
      (run) => current && setHighlighter({ run }),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [wanted, highlighter]);
  return highlighter?.run ?? null;
}

/** Coloured lines of a source; null while the highlighter loads, without a known language, or when it is too long. */
export function useHighlight(source: string, language: string | null): readonly (readonly Token[])[] | null {
  const wanted = language !== null && source.length <= longestSource;
  const highlighter = useHighlighter(wanted);
  const [lines, setLines] = useState<{ source: string; lines: readonly (readonly Token[])[] | null } | null>(null);
  // Colouring runs after the text is painted and the source has rested, so that streaming code stays cheap.
  useEffect(() => {
    if (highlighter === null || !wanted || language === null) return undefined;
    const timer = setTimeout(() => setLines({ source, lines: highlighter(source, language) }), 60);
    return () => clearTimeout(timer);
  }, [highlighter, wanted, source, language]);
  return lines?.source === source ? lines.lines : null;
}
