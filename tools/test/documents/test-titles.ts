import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A test that a document names: file from the root of the repository, title as written in its source. */
export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

/** Titles of every `it` and `test` of a source file, tables (`it.each`) with their placeholders. */
export function titlesIn(source: string): ReadonlySet<string> {
  const titles = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.add(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('test.ts', source, ts.ScriptTarget.Latest));
  return titles;
}

/** What is wrong with the named tests: a sentence for each file or title that does not exist. */
export function missingTests(root: string, tests: Iterable<NamedTest>): string[] {
  const known = new Map<string, ReadonlySet<string>>();
  const problems = new Set<string>();
  for (const { file, title } of tests) {
    const path = join(root, file);
    if (!existsSync(path)) {
      problems.add(`${file} does not exist.`);
      continue;
    }
    const titles = known.get(file) ?? titlesIn(readFileSync(path, 'utf8'));
    known.set(file, titles);
    if (!titles.has(title)) problems.add(`${file} has no test "${title}".`);
  }
  return [...problems];
}

/** Whether a call is of `it`, `test`, `it.each(…)` or a variant of them; skipped tests count as none. */
function isTest(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'it' || callee.text === 'test';
  if (ts.isPropertyAccessExpression(callee)) return callee.name.text !== 'skip' && isTest(callee.expression);
  if (ts.isCallExpression(callee)) return isTest(callee.expression);
  if (ts.isTaggedTemplateExpression(callee)) return isTest(callee.tag);
  return false;
}
