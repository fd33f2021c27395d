import type { PolicyFacts } from '@steward/contracts';
import {
  broadFold,
  entryFor,
  foldedSegments,
  isInside,
  placeOf,
  preparePathEntry,
  reaches,
  type PathEntry,
  type PathMatch,
  type PathTarget,
  type Place,
  type PreparedPathEntry,
} from './path-entries.ts';
import { leadsNowhereElse, type CanonicalPath, type Platform } from './paths.ts';
import { rememberedLists } from './remembered.ts';

/** The entries of one path list, ready to compare with many paths. */
interface PathList {
  readonly entries: readonly PathEntry[];
  /** Entries that mean one name anywhere, folded as blocks are. */
  readonly names: ReadonlySet<string>;
  /** All other entries. */
  readonly others: readonly PathEntry[];
}

interface PreparedList {
  readonly platform: Platform;
  readonly prepared: readonly PreparedPathEntry[];
  readonly plain: PathList;
}

const prepareList = {
  allow: rememberedLists((list, place: Place) => prepare(list, place, 'allow')),
  block: rememberedLists((list, place: Place) => prepare(list, place, 'block')),
};

function prepare(list: readonly string[], place: Place, purpose: 'allow' | 'block'): PreparedList {
  const prepared = list.map((entry) => preparePathEntry(entry, place, purpose));
  const plain = asList(
    prepared.map((entry) => entry.plain),
    place.platform,
  );
  return { platform: place.platform, prepared, plain };
}

function asList(entries: readonly PathEntry[], platform: Platform): PathList {
  const names = new Set<string>();
  const others: PathEntry[] = [];
  for (const entry of entries) {
    const [name] = entry.kind === 'tail' ? entry.segments : [];
    if (entry.kind === 'tail' && entry.segments.length === 1 && name !== undefined)
      names.add(broadFold(name, platform));
    else if (entry.kind !== 'nowhere') others.push(entry);
  }
  return { entries, names, others };
}

/** Prepares a list; once for as long as the list, the place and, within a decision, the real paths are the same. */
export function compilePathEntries(list: readonly string[], facts: PolicyFacts, purpose: 'allow' | 'block'): PathList {
  const prepared = prepareList[purpose](list, placeOf(facts));
  if (leadsNowhereElse(facts)) return prepared.plain;
  let known = resolvedLists.get(facts);
  const found = known?.get(prepared);
  if (found !== undefined) return found;
  const entries = prepared.prepared.map((entry) => entryFor(entry, facts));
  const same = entries.every((entry, i) => entry === prepared.plain.entries[i]);
  const compiled = same ? prepared.plain : asList(entries, prepared.platform);
  if (!Object.isFrozen(facts)) return compiled;
  if (known === undefined) resolvedLists.set(facts, (known = new Map()));
  known.set(prepared, compiled);
  return compiled;
}

/** What one decision has looked up so far; its facts are frozen and its own. */
const resolvedLists = new WeakMap<object, Map<PreparedList, PathList>>();

/** Whether an entry of the list lets the real path in. */
export function isInsideAny(list: PathList, path: CanonicalPath, globFrom?: number): boolean {
  return list.entries.some((entry) => isInside(entry, path, globFrom));
}

/** The strongest match of a list of blocks or of a rule. */
export function reachesAny(list: PathList, target: PathTarget): PathMatch {
  const plain = target.globFrom === undefined && target.realGlobFrom === undefined;
  if (plain && list.names.size > 0) {
    const named = (path: CanonicalPath): boolean =>
      foldedSegments(path, 'broad').some((segment) => list.names.has(segment));
    if (named(target.written) || (target.real !== target.written && named(target.real))) return 'yes';
  }
  let result: PathMatch = 'no';
  for (const entry of plain ? list.others : list.entries) {
    const match = reaches(entry, target);
    if (match === 'yes') return 'yes';
    if (match === 'maybe') result = 'maybe';
  }
  return result;
}
