const maxWords = 64;

/**
 * The words that bash makes of one unquoted word with braces (`src/{a,b}.ts`, `{1..3}`), in order; undefined when the
 * word is not simple enough to be sure, or makes more than 64 words. Empty results are left out, as bash does.
 */
export function expandBraces(text: string): readonly string[] | undefined {
  if (text.length > 1000 || /["'\\$`~\s]/.test(text)) return undefined;
  const words = expand(text);
  return words === undefined ? undefined : words.filter((word) => word !== '');
}

function expand(text: string): string[] | undefined {
  const open = text.indexOf('{');
  if (open < 0) return text.includes('}') ? undefined : [text];
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  let close = -1;
  for (let i = open; i < text.length; i++) {
    const character = text[i];
    if (character === '{') depth++;
    else if (character === ',' && depth === 1) {
      parts.push(text.slice(from, i));
      from = i + 1;
    } else if (character === '}' && --depth === 0) {
      parts.push(text.slice(from, i));
      close = i;
      break;
    }
  }
  if (close < 0) return undefined;
  const choices = parts.length > 1 ? parts : range(parts[0] ?? '');
  const tails = expand(text.slice(close + 1));
  if (choices === undefined || tails === undefined) return undefined;
  const words: string[] = [];
  for (const choice of choices) {
    const middles = expand(choice);
    if (middles === undefined) return undefined;
    for (const middle of middles) for (const tail of tails) words.push(text.slice(0, open) + middle + tail);
    if (words.length > maxWords) return undefined;
  }
  return words;
}

function range(text: string): string[] | undefined {
  const numbers = /^(-?\d{1,6})\.\.(-?\d{1,6})$/.exec(text);
  if (numbers === null) return undefined;
  const [from, to] = [Number(numbers[1]), Number(numbers[2])];
  if (Math.abs(to - from) >= maxWords || /^-?0\d/.test(numbers[1] ?? '') || /^-?0\d/.test(numbers[2] ?? ''))
    return undefined;
  const step = to >= from ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => String(from + i * step));
}
