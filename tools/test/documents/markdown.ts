/** Contents of the fenced blocks of one language. */
export function codeBlocks(text: string, language: string): string[] {
  const blocks: string[] = [];
  let open: { readonly fence: string; readonly isWanted: boolean; readonly lines: string[] } | undefined;
  for (const line of text.split('\n')) {
    const fence = /^\s*(`{3,})(\w*)/.exec(line);
    if (open === undefined) {
      if (fence !== null) open = { fence: fence[1] ?? '', isWanted: fence[2] === language, lines: [] };
    } else if (fence !== null && fence[1] === open.fence && fence[2] === '') {
      if (open.isWanted) blocks.push(open.lines.join('\n'));
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  return blocks;
}

/** Targets of links and pictures that lead to this repository; code is left out. */
export function linksOf(text: string): string[] {
  const prose = withoutCode(text);
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Anchors of a page's headings, as code hosts make them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...withoutCode(text, false).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

function withoutCode(text: string, alsoInline = true): string {
  const withoutBlocks = text.replaceAll(/^\s*(`{3,})[\s\S]*?^\s*\1\s*$/gm, '');
  return alsoInline ? withoutBlocks.replaceAll(/`[^`\n]*`/g, '') : withoutBlocks;
}
