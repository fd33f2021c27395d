/**
 * A value of JSON with every text in it redacted, names of members too; the same value where nothing was found.
 * Members of the given names are left as they are. Pure.
 */
export function redactDeep<T>(value: T, redact: (text: string) => string, leftOut: ReadonlySet<string> = none): T {
  return walk(value, redact, leftOut) as T;
}

const none: ReadonlySet<string> = new Set();

function walk(value: unknown, redact: (text: string) => string, leftOut: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => walk(item, redact, leftOut));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  let changed = false;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => {
    if (leftOut.has(name)) return [name, member];
    const shownName = redact(name);
    const shown = walk(member, redact, leftOut);
    changed ||= shown !== member || shownName !== name;
    return [shownName, shown];
  });
  return changed ? Object.fromEntries(members) : value;
}
