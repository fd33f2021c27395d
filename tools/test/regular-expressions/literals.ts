import ts from 'typescript';
import type { SourceFile } from '../documents/source-files.ts';

/** A regular expression as it stands in a source. */
export interface Literal {
  readonly path: string;
  readonly text: string;
}

/** What a source says about regular expressions: its literals, and where it makes one of a text at run time. */
export function regularExpressionsOf({ path, text }: SourceFile): { literals: Literal[]; made: string[] } {
  const literals: Literal[] = [];
  const made: string[] = [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) literals.push({ path, text: node.text });
    const isCall = ts.isNewExpression(node) || ts.isCallExpression(node);
    if (isCall && node.expression.getText(source) === 'RegExp') made.push(path);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { literals, made };
}
