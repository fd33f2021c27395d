import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const parser = fileURLToPath(new URL('parse-diagrams.mjs', import.meta.url));

/** What keeps each diagram from being drawn, in Mermaid's own words and the same order; undefined when nothing does. */
export function diagramProblems(diagrams: readonly string[]): (string | undefined)[] {
  const printed = execFileSync(process.execPath, [parser], { input: JSON.stringify(diagrams), encoding: 'utf8' });
  return (JSON.parse(printed) as (string | null)[]).map((problem) => problem ?? undefined);
}
