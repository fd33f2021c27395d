/**
 * Remembers what was prepared from a text, so that it is prepared once and not in every decision. Only for pure
 * functions of the text. When it is full it forgets everything: what is kept is bounded, whatever callers send.
 */
export function remembered<Value>(
  prepare: (text: string) => Value,
  { most = 5000, longest = 4096 }: { readonly most?: number; readonly longest?: number } = {},
): (text: string) => Value {
  const known = new Map<string, { readonly value: Value }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.value;
    const value = prepare(text);
    if (text.length > longest) return value;
    if (known.size >= most) known.clear();
    known.set(text, { value });
    return value;
  };
}

/**
 * Remembers what was prepared from a list of a policy under a key. A list that changed since is prepared again: its
 * entries are compared, which costs next to nothing where they are the same strings. What is kept goes with the list.
 */
export function rememberedLists<Key, Value>(
  prepare: (list: readonly string[], key: Key) => Value,
): (list: readonly string[], key: Key) => Value {
  const known = new WeakMap<object, { readonly copy: readonly string[]; readonly byKey: Map<Key, Value> }>();
  return (list, key) => {
    let kept = known.get(list);
    if (kept === undefined || !sameTexts(kept.copy, list) || kept.byKey.size > 50) {
      kept = { copy: [...list], byKey: new Map() };
      known.set(list, kept);
    }
    if (!kept.byKey.has(key)) kept.byKey.set(key, prepare(kept.copy, key));
    return kept.byKey.get(key) as Value;
  };
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
