import type { PolicyFacts } from '@steward/contracts';
import { normalizePath, parseAbsolute, platformOf, type CanonicalPath, type Platform } from './paths.ts';

/** A path that may contain glob segments; `uncertain` segments stand for any name that begins with their prefix. */
export interface PathTarget {
  readonly written: CanonicalPath;
  readonly real: CanonicalPath;
  /** Index of the first segment that is a glob; undefined for a plain path. */
  readonly globFrom?: number;
  /** The same in the real path, which may be longer or shorter; default `globFrom`. */
  readonly realGlobFrom?: number;
  /** The action reaches everything beneath the path, too. */
  readonly recursive?: boolean;
}

/** One entry of a path list, ready to compare. */
export type PathEntry =
  | { readonly kind: 'prefix'; readonly roots: readonly CanonicalPath[] }
  | { readonly kind: 'tail'; readonly segments: readonly string[] }
  | { readonly kind: 'nowhere' };

/** Whether a target is matched for certain, perhaps, or not. */
export type PathMatch = 'yes' | 'maybe' | 'no';

const nowhere: PathEntry = { kind: 'nowhere' };

/**
 * Prepares a policy entry: a path prefix (absolute, or beginning with `${workspace}` or `${home}`), or two stars, a
 * slash and a name, which means every path with that segment. An entry for another platform, or for a workspace that is not there, is nowhere.
 * When the home folder is unknown a blocked `${home}/x` is taken as any path with the segment `x`, so that a block never gets lost.
 */
export function compilePathEntry(entry: string, facts: PolicyFacts, purpose: 'allow' | 'block'): PathEntry {
  if (!Object.isFrozen(facts)) return compile(entry, facts, purpose);
  let known = compiledEntries.get(facts);
  if (known === undefined) compiledEntries.set(facts, (known = new Map()));
  const key = `${purpose} ${entry}`;
  let compiled = known.get(key);
  if (compiled === undefined) known.set(key, (compiled = compile(entry, facts, purpose)));
  return compiled;
}

/** What one decision has prepared so far; its facts are frozen and its own. */
const compiledEntries = new WeakMap<object, Map<string, PathEntry>>();

function compile(entry: string, facts: PolicyFacts, purpose: 'allow' | 'block'): PathEntry {
  const platform = platformOf(facts);
  if (entry.startsWith('**/')) return { kind: 'tail', segments: entry.slice(3).split('/').filter(Boolean) };
  const variable = splitVariable(entry);
  if (variable === undefined) return prefixEntry(entry, facts);
  const folder = variable.name === 'workspace' ? facts.workspaceDir : facts.homeDir;
  if (typeof folder === 'string' && folder !== '') return prefixEntry(join(folder, variable.rest, platform), facts);
  const segments = variable.rest.split('/').filter(Boolean);
  if (purpose === 'block' && variable.name === 'home' && segments.length > 0) return { kind: 'tail', segments };
  return nowhere;
}

/** Splits `${workspace}/x` into its variable and the rest; undefined when the entry has no variable. */
export function splitVariable(entry: string): { name: 'workspace' | 'home'; rest: string } | undefined {
  for (const name of ['workspace', 'home'] as const) {
    const written = `\${${name}}`;
    if (entry === written) return { name, rest: '' };
    if (entry.startsWith(`${written}/`) || entry.startsWith(`${written}\\`))
      return { name, rest: entry.slice(written.length + 1) };
  }
  return undefined;
}

function join(folder: string, rest: string, platform: Platform): string {
  return rest === '' ? folder : `${folder}${platform === 'win32' ? '\\' : '/'}${rest}`;
}

function prefixEntry(path: string, facts: PolicyFacts): PathEntry {
  if (parseAbsolute(path, platformOf(facts)) === undefined) return nowhere;
  const normalized = normalizePath(path, facts);
  if (!normalized.ok) return nowhere;
  const same = normalized.real.text === normalized.written.text;
  return { kind: 'prefix', roots: same ? [normalized.real] : [normalized.real, normalized.written] };
}

/** Whether the real path lies in the entry; only the real path counts, so a link never widens an allow-list. */
export function isInside(entry: PathEntry, path: CanonicalPath, globFrom?: number): boolean {
  const literal = globFrom === undefined ? path.segments : path.segments.slice(0, globFrom);
  if (entry.kind === 'tail') return containsRun(literal, entry.segments, path.platform, fold) === 'yes';
  if (entry.kind === 'nowhere') return false;
  return entry.roots.some(
    (root) =>
      fold(root.root, path.platform) === fold(path.root, path.platform) &&
      root.segments.length <= literal.length &&
      root.segments.every((segment, i) => fold(segment, path.platform) === fold(literal[i] ?? '', path.platform)),
  );
}

/** Whether a block or rule entry is reached by the path as written or by where it really leads. */
export function reaches(entry: PathEntry, target: PathTarget): PathMatch {
  const real = target.realGlobFrom === undefined ? target : { ...target, globFrom: target.realGlobFrom };
  return strongest(reachesPath(entry, target.written, target), reachesPath(entry, target.real, real));
}

function reachesPath(entry: PathEntry, path: CanonicalPath, target: PathTarget): PathMatch {
  const segments = markGlobs(path, target);
  if (entry.kind === 'tail') return containsRun(segments, entry.segments, path.platform, broadFold);
  if (entry.kind === 'nowhere') return 'no';
  let result: PathMatch = 'no';
  for (const root of entry.roots) {
    if (broadFold(root.root, path.platform) !== broadFold(path.root, path.platform)) continue;
    const shared = Math.min(root.segments.length, segments.length);
    const along = matchRun(segments.slice(0, shared), root.segments.slice(0, shared), path.platform, broadFold);
    if (along === 'no') continue;
    if (segments.length >= root.segments.length) result = strongest(result, along);
    else if (target.recursive) result = strongest(result, along);
  }
  return result;
}

type Segment = string | { readonly prefix: string; readonly suffix: string };
type Fold = (text: string, platform: Platform) => string;

function markGlobs(path: CanonicalPath, target: PathTarget): Segment[] {
  const from = target.globFrom;
  if (from === undefined) return [...path.segments];
  return path.segments.map((segment, i) => (i < from ? segment : globSegment(segment)));
}

const globMeta = /[*?[\\]/;

function globSegment(segment: string): Segment {
  const at = segment.search(globMeta);
  if (at < 0) return segment;
  const last = Math.max(...['*', '?', ']', '\\'].map((meta) => segment.lastIndexOf(meta)));
  return { prefix: segment.slice(0, at), suffix: last < at ? '' : segment.slice(last + 1) };
}

function containsRun(segments: readonly Segment[], run: readonly string[], platform: Platform, how: Fold): PathMatch {
  let result: PathMatch = 'no';
  if (run.length === 0) return 'no';
  for (let start = 0; start + run.length <= segments.length; start++) {
    result = strongest(result, matchRun(segments.slice(start, start + run.length), run, platform, how));
    if (result === 'yes') return result;
  }
  return result;
}

function matchRun(segments: readonly Segment[], run: readonly string[], platform: Platform, how: Fold): PathMatch {
  let result: PathMatch = 'yes';
  for (let i = 0; i < run.length; i++) {
    const segment = segments[i];
    const wanted = how(run[i] ?? '', platform);
    if (typeof segment === 'string') {
      if (how(segment, platform) !== wanted) return 'no';
    } else {
      const prefix = how(segment?.prefix ?? '', platform);
      // A glob never matches a leading dot that it does not spell out.
      if (!wanted.startsWith(prefix) || (prefix === '' && wanted.startsWith('.'))) return 'no';
      if (!wanted.endsWith(how(segment?.suffix ?? '', platform))) return 'no';
      result = 'maybe';
    }
  }
  return result;
}

function strongest(a: PathMatch, b: PathMatch): PathMatch {
  if (a === 'yes' || b === 'yes') return 'yes';
  return a === 'maybe' || b === 'maybe' ? 'maybe' : 'no';
}

function fold(text: string, platform: Platform): string {
  return platform === 'linux' ? text : text.normalize('NFC').toLowerCase();
}

const ignorable = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Folds more than some file systems do, which is right for blocks and wrong for grants. */
function broadFold(text: string, platform: Platform): string {
  if (platform === 'linux') return text;
  return text.replace(ignorable, '').normalize('NFKD').toUpperCase().toLowerCase().normalize('NFC');
}
