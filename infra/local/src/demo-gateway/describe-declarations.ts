interface Declaration {
  readonly line: number;
  readonly text: string;
}

const DECLARATION =
  /^(?<exported>export\s+(?:default\s+)?)?(?:declare\s+)?(?:abstract\s+)?(?:(?<async>async\s+)?function\s*\*?\s*(?<fn>[\w$]+)\s*(?:<[^(]*>)?\s*(?<params>\([^)]*\))|class\s+(?<cls>[\w$]+)(?:\s+extends\s+(?<base>[\w$.]+))?|(?<kind>interface|type|enum)\s+(?<type>[\w$]+)|(?:const|let|var)\s+(?<arrow>[\w$]+)\s*(?::[^=]+)?=\s*(?:async\s*)?(?<arrowParams>\([^)]*\)|[\w$]+)\s*(?::[^=]+)?=>|(?:const|let|var)\s+(?<value>[\w$]+))/gm;

/** Says what a JavaScript or TypeScript source declares, imports and tests, as Markdown paragraphs. */
export function describeDeclarations(content: string): string[] {
  const intro = headComment(content);
  const imports = [...content.matchAll(/(?:\bfrom\s+|\bimport\s+|\brequire\(\s*)['"]([^'"]+)['"]/g)].map(
    (match) => match[1] ?? '',
  );
  const declarations = [...content.matchAll(DECLARATION)].map((match) => declarationOf(content, match));
  const tests = [...content.matchAll(/\b(?:test|it)(?:\.\w+)?\(\s*(['"`])(.+?)\1/g)].map((match) => match[2] ?? '');
  return [
    ...(intro === undefined ? [] : [`It says of itself: ${intro}`]),
    ...(imports.length === 0
      ? ['It imports nothing.']
      : [`It imports ${[...new Set(imports)].map((name) => `\`${name}\``).join(', ')}.`]),
    ...(declarations.length === 0
      ? []
      : [`It declares:\n\n${declarations.map(({ text, line }) => `- ${text} (line ${line})`).join('\n')}`]),
    ...(tests.length === 0
      ? []
      : [
          `It holds ${tests.length} test${tests.length === 1 ? '' : 's'}:\n\n${tests.map((title) => `- ${title}`).join('\n')}`,
        ]),
  ];
}

function declarationOf(content: string, match: RegExpMatchArray): Declaration {
  const groups = match.groups ?? {};
  const index = match.index ?? 0;
  const line = content.slice(0, index).split('\n').length;
  const exported = groups['exported'] === undefined ? '' : 'exported ';
  const comment = commentBefore(content.slice(0, index));
  const note = comment === undefined ? returnNote(content.slice(index)) : `: ${comment}`;
  return { line, text: `${exported}${nameOf(groups)}${note}` };
}

function nameOf(groups: Readonly<Record<string, string | undefined>>): string {
  const tidy = (text: string | undefined): string => (text ?? '').replace(/\s+/g, ' ');
  if (groups['fn'] !== undefined)
    return `${groups['async'] ?? ''}function \`${groups['fn']}${tidy(groups['params'])}\``;
  if (groups['cls'] !== undefined)
    return `class \`${groups['cls']}\`${groups['base'] === undefined ? '' : `, which extends \`${groups['base']}\``}`;
  if (groups['type'] !== undefined) return `${groups['kind']} \`${groups['type']}\``;
  if (groups['arrow'] !== undefined) return `function \`${groups['arrow']}${tidy(groups['arrowParams'])}\``;
  return `value \`${groups['value'] ?? ''}\``;
}

/** A one-line function explains itself best by what it returns. */
function returnNote(declaration: string): string {
  const body =
    /^[^{\n]*\{\s*return\s+([^;\n]{1,80});?\s*\}/.exec(declaration) ??
    /^[^\n]*?=>\s*([^{;\n][^;\n]{0,80});?$/m.exec(declaration.split('\n', 1)[0] ?? '');
  return body === null ? '' : `, returns \`${(body[1] ?? '').trim()}\``;
}

function headComment(content: string): string | undefined {
  const match = /^(?:#!.*\n)?\s*(?:\/\*\*?([\s\S]*?)\*\/|((?:\/\/.*\n)+))/.exec(content);
  const following = match === null ? '' : content.slice(match[0].length);
  // A comment right above a declaration belongs to that declaration.
  if (match === null || /^\n?(?:export|async|function|class|const|let|interface|type)\b/.test(following))
    return undefined;
  return firstSentence(match[1] ?? match[2] ?? '');
}

/** The comment that ends right where the declaration begins. */
function commentBefore(before: string): string | undefined {
  const block = /\/\*\*?((?:(?!\*\/)[\s\S])*)\*\/[ \t]*\n?$/.exec(before);
  const lines = block === null ? /(?:^|\n)((?:[ \t]*\/\/[^\n]*\n)+)$/.exec(before) : null;
  const comment = block?.[1] ?? lines?.[1];
  return comment === undefined ? undefined : firstSentence(comment);
}

function firstSentence(comment: string): string | undefined {
  const text = comment
    .split('\n')
    .map((line) => line.replace(/^\s*(?:\/\/+|\*)?\s?/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('@'))
    .join(' ')
    .trim();
  const sentence = /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
  return sentence === '' ? undefined : sentence.slice(0, 240);
}
