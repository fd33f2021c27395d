/**
 * Whether a sed script only prints, deletes and substitutes. Everything else, the commands that run programs (`e`) or
 * touch files (`r`, `w`) among it, is not plain. Reads each character once.
 */
export function isPlainSedScript(script: string): boolean {
  let at = 0;
  let blocks = 0;
  while (at < script.length) {
    at = skip(script, at, ' \t;\n');
    if (at >= script.length) return blocks === 0;
    if (script[at] === '}') {
      if (--blocks < 0) return false;
      at = skip(script, at + 1, ' \t');
      if (at < script.length && !';\n}'.includes(script[at] ?? '')) return false;
      continue;
    }
    const afterAddress = skipAddresses(script, at);
    if (afterAddress < 0) return false;
    const command = script[afterAddress];
    if (command === undefined) return false;
    if ('pdDqQ=PhHgGxnNl'.includes(command)) {
      at = skip(script, afterAddress + 1, '0123456789 ');
    } else if (command === 's' || command === 'y') {
      at = skipSubstitution(script, afterAddress + 1);
      if (at < 0) return false;
    } else if (command === '{') {
      blocks++;
      at = afterAddress + 1;
      continue;
    } else if ('aic'.includes(command)) {
      at = skipText(script, afterAddress + 1);
      if (at < 0) return false;
      continue;
    } else return false;
    at = skip(script, at, ' \t');
    if (at < script.length && !';\n}'.includes(script[at] ?? '')) return false;
  }
  return blocks === 0;
}

/** Text of `a`, `i` or `c` runs to the end of its last line; a backslash at the end of the script would take in more. */
function skipText(script: string, at: number): number {
  for (let i = at; i < script.length; i++) {
    if (script[i] === '\\') {
      if (i + 1 >= script.length) return -1;
      i++;
    } else if (script[i] === '\n') return i + 1;
  }
  return script.length;
}

function skip(script: string, at: number, characters: string): number {
  while (at < script.length && characters.includes(script[at] ?? '')) at++;
  return at;
}

function skipAddresses(script: string, at: number): number {
  let next = skipAddress(script, at);
  if (next < 0) return -1;
  next = skip(script, next, ' ');
  if (script[next] === ',') {
    next = skipAddress(script, skip(script, next + 1, ' +~'));
    if (next < 0) return -1;
  }
  return skip(script, next, ' !');
}

function skipAddress(script: string, at: number): number {
  if (script[at] === '$') return at + 1;
  if (script[at] === '/') {
    const end = skipDelimited(script, at + 1, '/');
    return end < 0 ? -1 : skip(script, end, 'IM');
  }
  if (script[at] === '\\') return -1;
  return skip(script, at, '0123456789~');
}

function skipSubstitution(script: string, at: number): number {
  const delimiter = script[at];
  if (delimiter === undefined || delimiter === '\\' || delimiter === '\n' || /[\w\s;]/.test(delimiter)) return -1;
  const middle = skipDelimited(script, at + 1, delimiter);
  const end = middle < 0 ? -1 : skipDelimited(script, middle, delimiter);
  return end < 0 ? -1 : skip(script, end, 'gpiI0123456789');
}

function skipDelimited(script: string, at: number, delimiter: string): number {
  for (let i = at; i < script.length; i++) {
    if (script[i] === '\\') i++;
    else if (script[i] === '\n') return -1;
    // A bracket expression may hold the delimiter in some seds and end at it in others.
    else if (script[i] === '[' && bracketHolds(script, i, delimiter)) return -1;
    else if (script[i] === delimiter) return i + 1;
  }
  return -1;
}

function bracketHolds(script: string, at: number, delimiter: string): boolean {
  for (let i = at + 1; i < script.length && i < at + 200; i++) {
    if (script[i] === ']' && i > at + 1) return false;
    if (script[i] === delimiter) return true;
  }
  return true;
}
