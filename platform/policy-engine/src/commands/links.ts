import { platformOf } from '../paths.ts';
import type { ParsedOptions } from './options.ts';
import { addEffect, addProblem, type FileEffect, type Token, type Walk } from './report.ts';

/** Options that leave the target's text and the link's place as they are. */
const harmless = new Set(['s', 'symbolic', 'f', 'force', 'v', 'verbose', 'n', 'no-dereference']);
const intoFolder = ['t', 'target-directory'];
const asName = ['T', 'no-target-directory'];
const parents = /(?:^|\/)\.\.(?:\/|$)/;
/** `..` only at the start, so that what lies between can't be made a link later. */
const parentsFirst = /^(?:\.\.?\/+)*(?:\.\.?|(?!\.\.?(?:\/|$))[^/]+(?:\/+(?!\.\.?(?:\/|$))[^/]+)*)\/*$/;

/**
 * Records where the targets of `ln -s` lead. The kernel reads a target from the folder that the link lies in, not from
 * the one that `ln` runs in; as long as the engine can't tell whether the last word is a folder, both places count.
 * The folder that `ln` runs in counts as well where anything about the command is less than plain, and is dropped by
 * {@link settleLinks} where nothing else in the text could use or move the link.
 * Returns false, having recorded nothing, when the words make no symbolic link whose place they tell.
 */
export function linkEffects(tokens: readonly Token[], parsed: ParsedOptions, walk: Walk): boolean {
  const { options, operands } = parsed;
  const names = options.map((option) => option.name);
  if (!names.includes('s') && !names.includes('symbolic')) return false;
  const into = options.filter((option) => intoFolder.includes(option.name));
  const exactly = names.some((name) => asName.includes(name));
  const isPlain =
    names.every((name) => harmless.has(name) || asName.includes(name) || intoFolder.includes(name)) &&
    into.length <= 1 &&
    (into.length === 0 || (!exactly && into[0]?.value !== undefined)) &&
    // Elsewhere options may not follow operands, so that such words are names there.
    operands.length === tokens.length - parsed.operandAt &&
    (!exactly || operands.length === 2);
  const place = into[0]?.value ?? (operands.length > 1 ? operands.at(-1) : undefined);
  const targets = into.length > 0 ? operands : operands.slice(0, -1);
  if (!isPlain || place === undefined || !isCertain(place) || !targets.every(isCertain)) return false;
  if (walk.folders.length === 0 || walk.tree || walk.repeated || walk.wrapping > 0) return false;
  if (platformOf(walk.facts) === 'win32') return false;

  const isFolder = into.length > 0 || targets.length > 1 || /(?:^|\/)\.\.?$/.test(place.value);
  const slashed = place.value.endsWith('/') && platformOf(walk.facts) === 'linux';
  const folders = walk.folders.flatMap((base) => {
    const path = place.value.startsWith('/') ? place.value : `${base}/${place.value}`;
    if (isFolder || slashed) return [path];
    const holder = folderOf(path);
    return exactly ? [holder] : [holder, path];
  });
  addEffect(walk, { capability: 'File.Write', token: place, mode: 'operand', program: 'ln' });
  for (const token of targets) {
    const read = { capability: 'File.Read', token, mode: 'operand', program: 'ln' } as const;
    const sure = parentsFirst.test(token.value) && !parents.test(place.value);
    addEffect(walk, { ...read, link: sure ? 'unless alone' : 'always' });
    const here = walk.folders;
    walk.folders = folders;
    addEffect(walk, { ...read, link: 'always' });
    walk.folders = here;
  }
  return true;
}

/** The text up to the last name, which slashes may follow; by hand, since a pattern would look at every place. */
function folderOf(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end -= 1;
  return path.slice(0, path.lastIndexOf('/', end - 1) + 1) || '/';
}

function isCertain({ value, known, glob }: Token): boolean {
  return known && !glob && value !== '' && value !== '-' && value.length <= 4096;
}

/**
 * After the whole text is read: a link that stands alone, but for folders that are made, is judged by its own place
 * alone. A text that makes a link and climbs by `..` elsewhere may climb through it, which no fact tells beforehand.
 */
export function settleLinks(walk: Walk): void {
  const { effects, commands } = walk.report;
  if (!effects.some((effect) => effect.link !== undefined)) return;
  const climbing = effects.find((effect) => effect.link === undefined && parents.test(effect.token.value));
  const links = commands.filter(({ tokens }) => tokens[0]?.value === 'ln').length;
  const alone =
    links === 1 &&
    climbing === undefined &&
    walk.report.problems.length === 0 &&
    commands.every(({ tokens }) => /^(?:ln|mkdir)$/.test(tokens[0]?.value ?? ''));
  if (alone) drop(effects, (effect) => effect.link === 'unless alone');
  if (climbing !== undefined && commands.length > 1)
    addProblem(walk, { code: 'PATH_UNCERTAIN', subject: climbing.token.value.slice(0, 200) });
}

function drop(effects: FileEffect[], isOut: (effect: FileEffect) => boolean): void {
  effects.splice(0, effects.length, ...effects.filter((effect) => !isOut(effect)));
}
