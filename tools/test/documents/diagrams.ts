/** A node, with or without its label: `A`, `A["x"]`, `A[("x")]`, `A{"x"}`; several joined by `&`. */
const node = String.raw`[A-Za-z]\w*(?:\["[^"]*"\]|\[\("[^"]*"\)\]|\{"[^"]*"\}|\("[^"]*"\))?`;
const nodes = `${node}(?: & ${node})*`;
const link = String.raw`(?:<?-->|---|-\.->|==>)(?:\|(?:"[^"]*"|[^|"()\[\]{}]*)\|)?`;
const statement = new RegExp(`^${nodes}(?: ${link} ${nodes})*$`);
const subgraph = /^subgraph [A-Za-z]\w*(?:\["[^"]*"\])?$/;

/**
 * What keeps a diagram from being drawn; none when it keeps to the flowchart grammar that is used here, a part of
 * Mermaid's. Not every diagram that Mermaid would draw is accepted.
 */
export function diagramProblems(diagram: string): string[] {
  const [first = '', ...lines] = diagram
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('%%'));
  if (!/^flowchart (?:LR|TD|TB|RL|BT)$/.test(first))
    return [`starts with ${first}, which is no kind that is used here`];
  const problems: string[] = [];
  let open = 0;
  for (const line of lines) {
    if (subgraph.test(line)) open += 1;
    else if (line === 'end') open -= 1;
    else if (!isClosed(line)) problems.push(`brackets or quotes are not closed: ${line}`);
    else if (!statement.test(line)) problems.push(`not understood: ${line}`);
  }
  if (open > 0) problems.push(`${open} subgraph is not closed`);
  if (open < 0) problems.push('an end closes nothing');
  return problems;
}

/** Whether quotes come in pairs and every bracket outside of them is closed; arrows are no brackets. */
function isClosed(line: string): boolean {
  const bare = line.replaceAll(/"[^"]*"/g, '');
  const count = (character: string): number => bare.split(character).length - 1;
  return !bare.includes('"') && count('[') === count(']') && count('(') === count(')') && count('{') === count('}');
}
