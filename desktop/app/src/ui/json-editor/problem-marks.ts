import type { Diagnostic } from '@codemirror/lint';
import type { Text } from '@codemirror/state';

/** Something wrong with the text, in one sentence; line counts from 1, null when it concerns the whole. */
export interface TextProblem {
  readonly line: number | null;
  readonly message: string;
}

/** The problems as marks of the editor: each underlines its line without the indent. Lines that are gone are skipped. */
export function toDiagnostics(doc: Text, problems: readonly TextProblem[]): Diagnostic[] {
  return problems.flatMap(({ line, message }) => {
    if (line !== null && line > doc.lines) return [];
    const place = doc.line(line ?? 1);
    const indent = place.text.length - place.text.trimStart().length;
    return [{ from: place.from + indent, to: place.to, severity: 'error' as const, message }];
  });
}
