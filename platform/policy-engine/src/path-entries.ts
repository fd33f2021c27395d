import type { PolicyFacts } from '@steward/contracts';
import {
  leadsNowhereElse,
  platformOf,
  prepareAbsolute,
  resolvePrepared,
  type CanonicalPath,
  type NormalizedPath,
  type Platform,
  type WrittenPath,
} from './paths.ts';
import { remembered } from './remembered.ts';

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
  /** Nothing of what is in files is told, so that no blocked name is looked for in segments of nothing but stars. */
  readonly readsFolders?: boolean;
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
  return entryFor(preparePathEntry(entry, placeOf(facts), purpose), facts);
}

/** What entries mean depends on: the machine's platform and the folders that variables stand for. */
export interface Place {
  readonly platform: Platform;
  readonly workspaceDir: string | undefined;
  readonly homeDir: string | undefined;
}

/** An entry prepared for a place; only real paths are still to be looked up. */
export interface PreparedPathEntry {
  /** What it means where nothing is known to lead elsewhere. */
  readonly plain: PathEntry;
  readonly prefix?: WrittenPath;
}

/** The place of the facts; the same object for equal places. */
export function placeOf(facts: PolicyFacts): Place {
  const known = places.get(facts);
  if (known !== undefined) return known;
  const place = samePlace(JSON.stringify([platformOf(facts), facts.workspaceDir ?? null, facts.homeDir ?? null]));
  if (Object.isFrozen(facts)) places.set(facts, place);
  return place;
}

const places = new WeakMap<object, Place>();
const samePlace = remembered(
  (text): Place => {
    const [platform, workspaceDir, homeDir] = JSON.parse(text) as [Platform, string | null, string | null];
    return { platform, workspaceDir: workspaceDir ?? undefined, homeDir: homeDir ?? undefined };
  },
  { most: 200, longest: 20_000 },
);

/** Prepares an entry as {@link compilePathEntry} describes it. Pure. */
export function preparePathEntry(entry: string, place: Place, purpose: 'allow' | 'block'): PreparedPathEntry {
  let known = preparedEntries.get(place);
  if (known === undefined)
    preparedEntries.set(place, (known = { allow: preparing(place, 'allow'), block: preparing(place, 'block') }));
  return known[purpose](entry);
}

type Prepare = (entry: string) => PreparedPathEntry;
const preparedEntries = new WeakMap<Place, { readonly allow: Prepare; readonly block: Prepare }>();

function preparing(place: Place, purpose: 'allow' | 'block'): Prepare {
  return remembered((entry) => prepare(entry, place, purpose), { most: 2000 });
}

/** The prepared entry under the real paths of one decision. */
export function entryFor({ plain, prefix }: PreparedPathEntry, facts: PolicyFacts): PathEntry {
  if (prefix === undefined || leadsNowhereElse(facts)) return plain;
  const resolved = resolvePrepared(prefix, facts);
  if (!resolved.ok) return nowhere;
  const { real, written } = resolved;
  return real === written ? plain : prefixEntry(resolved);
}

function prefixEntry({ real, written }: NormalizedPath): PathEntry {
  return { kind: 'prefix', roots: real.text === written.text ? [real] : [real, written] };
}

function prepare(entry: string, place: Place, purpose: 'allow' | 'block'): PreparedPathEntry {
  if (entry.startsWith('**/')) return { plain: { kind: 'tail', segments: entry.slice(3).split('/').filter(Boolean) } };
  const variable = splitVariable(entry);
  if (variable === undefined) return preparePrefix(entry, place);
  const folder = variable.name === 'workspace' ? place.workspaceDir : place.homeDir;
  if (typeof folder === 'string' && folder !== '')
    return preparePrefix(join(folder, variable.rest, place.platform), place);
  const segments = variable.rest.split('/').filter(Boolean);
  if (purpose === 'block' && variable.name === 'home' && segments.length > 0)
    return { plain: { kind: 'tail', segments } };
  return { plain: nowhere };
}

function preparePrefix(path: string, { platform }: Place): PreparedPathEntry {
  const prefix = prepareAbsolute(path, platform);
  if (prefix === undefined) return { plain: nowhere };
  const plain = resolvePrepared(prefix, { platform });
  return { prefix, plain: plain.ok ? prefixEntry(plain) : nowhere };
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

/** Whether the real path lies in the entry; only the real path counts, so a link never widens an allow-list. */
export function isInside(entry: PathEntry, path: CanonicalPath, globFrom?: number): boolean {
  if (entry.kind === 'nowhere') return false;
  const length = globFrom === undefined ? path.segments.length : Math.max(0, Math.min(globFrom, path.segments.length));
  const segments = foldedSegments(path, 'fold');
  if (entry.kind === 'tail')
    return containsRun(path.segments.slice(0, length), entry.segments, path.platform, fold) === 'yes';
  return entry.roots.some((root) => {
    const wanted = foldedSegments(root, 'fold');
    return (
      wanted.length <= length &&
      fold(root.root, path.platform) === fold(path.root, path.platform) &&
      startsWith(segments, wanted, wanted.length)
    );
  });
}

function startsWith(segments: readonly string[], wanted: readonly string[], length: number): boolean {
  for (let i = 0; i < length; i++) if (segments[i] !== wanted[i]) return false;
  return true;
}

/** Whether a block or rule entry is reached by the path as written or by where it really leads. */
export function reaches(entry: PathEntry, target: PathTarget): PathMatch {
  if (entry.kind === 'nowhere') return 'no';
  const real = target.realGlobFrom === undefined ? target : { ...target, globFrom: target.realGlobFrom };
  const written = reachesPath(entry, target.written, target);
  if (written === 'yes' || (target.real === target.written && real === target)) return written;
  return strongest(written, reachesPath(entry, target.real, real));
}

function reachesPath(entry: PathEntry, path: CanonicalPath, target: PathTarget): PathMatch {
  if (target.globFrom === undefined && entry.kind === 'prefix')
    return entry.roots.some((root) => plainReaches(root, path, target)) ? 'yes' : 'no';
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

function plainReaches(root: CanonicalPath, path: CanonicalPath, { recursive }: PathTarget): boolean {
  const wanted = foldedSegments(root, 'broad');
  const segments = foldedSegments(path, 'broad');
  if (segments.length < wanted.length && recursive !== true) return false;
  return (
    startsWith(segments, wanted, Math.min(segments.length, wanted.length)) &&
    broadFold(root.root, path.platform) === broadFold(path.root, path.platform)
  );
}

/** The segments as they are compared: for grants by what file systems fold, for blocks by more than that. */
export function foldedSegments(path: CanonicalPath, how: 'fold' | 'broad'): readonly string[] {
  if (path.platform === 'linux') return path.segments;
  let folded = foldedPaths.get(path);
  if (folded === undefined) {
    const { platform, segments } = path;
    folded = {
      fold: segments.map((segment) => fold(segment, platform)),
      broad: segments.map((segment) => broadFold(segment, platform)),
    };
    foldedPaths.set(path, folded);
  }
  return folded[how];
}

const foldedPaths = new WeakMap<
  CanonicalPath,
  { readonly fold: readonly string[]; readonly broad: readonly string[] }
>();

type Segment = string | { readonly prefix: string; readonly suffix: string };
type Fold = (text: string, platform: Platform) => string;

function markGlobs(path: CanonicalPath, target: PathTarget): Segment[] {
  const from = target.globFrom;
  if (from === undefined) return [...path.segments];
  return path.segments.map((segment, i) => {
    if (i < from) return segment;
    return target.readsFolders === true && /^\*+$/.test(segment) ? anyName : globSegment(segment);
  });
}

/** Stands for names that no entry names. */
const anyName: Segment = '';

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
export function broadFold(text: string, platform: Platform): string {
  if (platform === 'linux') return text;
  return text.replace(ignorable, '').normalize('NFKD').toUpperCase().toLowerCase().normalize('NFC');
}
