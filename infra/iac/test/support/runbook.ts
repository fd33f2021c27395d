/** The commands of a page that tests run, by the name in the comment before them: `<!-- exercised: NAME -->`. */
export function exercisedBlocks(markdown: string): ReadonlyMap<string, string> {
  const pattern = /<!-- exercised: ([a-z-]+) -->\s*```sh\n([\s\S]*?)```/g;
  return new Map(
    [...markdown.matchAll(pattern)].map(([, name = '', commands = '']) => [name, commands.replace(/^ {3}/gm, '')]),
  );
}
