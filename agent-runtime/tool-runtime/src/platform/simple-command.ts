/** Words with no meaning to any POSIX shell beyond themselves. */
const plainCharacter = /[A-Za-z0-9_./:@%+,=-]/;

/** First words that only a shell knows; everything else can be started as a program. */
const shellWords = new Set(
  '. : [ [[ ! { } alias bg bind break builtin caller case cd command compgen complete continue coproc declare dirs disown do done echo elif else enable esac eval exec exit export false fc fg fi for function getopts hash help history if in jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return select set shift shopt source suspend test then time times trap true type typeset ulimit umask unalias unset until wait while'.split(
    ' ',
  ),
);

/**
 * The words of a command that means the same with and without a shell; undefined when it needs one, or when there is
 * any doubt. Recognised are plain words, '…' and "…" without anything that a shell would expand.
 */
export function simpleCommandWords(command: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < command.length; i++) {
    const character = command[i] ?? '';
    if (character === ' ' || character === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "'" || character === '"') {
      const end = command.indexOf(character, i + 1);
      if (end < 0) return undefined;
      const body = command.slice(i + 1, end);
      if (character === '"' && /[$`\\!]/.test(body)) return undefined;
      word = (word ?? '') + body;
      i = end;
    } else if (plainCharacter.test(character)) word = (word ?? '') + character;
    else return undefined;
  }
  if (word !== undefined) words.push(word);
  const first = words[0];
  if (first === undefined || first === '' || shellWords.has(first) || /^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(first))
    return undefined;
  // A quoted keyword is a program's name to a shell; such oddities are left to it.
  return command.trimStart().startsWith("'") || command.trimStart().startsWith('"') ? undefined : words;
}
