/** A stretch of a text; risky when the policy engine named it so. */
export interface Part {
  readonly text: string;
  readonly risky: boolean;
}

/** Cuts a text at every occurrence of the risky parts. Overlapping parts become one. The parts joined give the text back. */
export function markRisky(source: string, riskyParts: readonly string[]): readonly Part[] {
  const risky = new Array<boolean>(source.length).fill(false);
  for (const part of riskyParts) {
    if (part === '') continue;
    for (let at = source.indexOf(part); at >= 0; at = source.indexOf(part, at + part.length))
      risky.fill(true, at, at + part.length);
  }
  const parts: { text: string; risky: boolean }[] = [];
  let from = 0;
  for (let at = 1; at <= source.length; at += 1) {
    if (at < source.length && risky[at] === risky[from]) continue;
    parts.push({ text: source.slice(from, at), risky: risky[from] === true });
    from = at;
  }
  return parts;
}
