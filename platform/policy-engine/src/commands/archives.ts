import { addEffect, type Token, type Walk } from './report.ts';

/**
 * What `tar` and `zip` read and write by their words: an archive that is made reads every named folder whole and writes
 * the archive; one that is taken apart is read. Old-style letters (`tar cf x .`) count as options.
 */
export function archiveEffects(name: string, tokens: readonly Token[], walk: Walk): void {
  if (name === 'zip') return zipEffects(tokens, walk);
  const words = tokens.slice(1);
  const [first] = words;
  let letters = '';
  let archives = 0;
  const operands: Token[] = [];
  words.forEach((token, i) => {
    const { value } = token;
    const before = words[i - 1]?.value ?? '';
    if (i === 0 && first !== undefined && /^[A-Za-z]+$/.test(value)) letters += value;
    else if (/^-[A-Za-z]/.test(value)) letters += value.slice(1);
    else if (value.startsWith('--')) letters += longLetters.get(value.split('=')[0] ?? '') ?? '';
    else if (/^-?[A-Za-z]*f$/.test(before) && archives++ === 0) archive(token, letters, walk);
    else if (before === '-C' || before === '--directory') return;
    else operands.push(token);
    if (value.startsWith('--file=')) archive({ ...token, value: value.slice(7) }, letters, walk);
  });
  if (/[cru]/.test(letters))
    for (const token of operands)
      addEffect(walk, { capability: 'File.Read', token, mode: 'operand', program: 'tar', recursive: true });
}

const longLetters: ReadonlyMap<string, string> = new Map([
  ['--create', 'c'],
  ['--append', 'r'],
  ['--update', 'u'],
  ['--catenate', 'r'],
  ['--concatenate', 'r'],
  ['--extract', 'x'],
  ['--get', 'x'],
  ['--list', 't'],
]);

function archive(token: Token, letters: string, walk: Walk): void {
  if (token.value === '-') return;
  const makes = !/[xt]/.test(letters);
  addEffect(walk, { capability: makes ? 'File.Write' : 'File.Read', token, mode: 'operand', program: 'tar' });
}

function zipEffects(tokens: readonly Token[], walk: Walk): void {
  const [made, ...read] = tokens.slice(1).filter((token) => !token.value.startsWith('-') || token.value === '-');
  if (made !== undefined && made.value !== '-')
    addEffect(walk, { capability: 'File.Write', token: made, mode: 'operand', program: 'zip' });
  for (const token of read)
    addEffect(walk, { capability: 'File.Read', token, mode: 'operand', program: 'zip', recursive: true });
}
