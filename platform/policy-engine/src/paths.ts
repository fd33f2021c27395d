import type { PolicyFacts } from '@steward/contracts';
import { parseWindowsPath } from './windows-paths.ts';

/** Platforms whose rules the engine knows. */
export type Platform = 'linux' | 'darwin' | 'win32';

/** An absolute path taken apart; `text` is how the platform writes it. */
export interface CanonicalPath {
  readonly platform: Platform;
  /** `/`, `C:\` or `\\server\share\`. */
  readonly root: string;
  readonly segments: readonly string[];
  readonly text: string;
}

/** A path as written and where it really leads; both absolute. */
export interface NormalizedPath {
  readonly written: CanonicalPath;
  readonly real: CanonicalPath;
}

/** The outcome of normalising; a refusal says in words what is wrong with the path. */
export type PathResult = ({ readonly ok: true } & NormalizedPath) | { readonly ok: false; readonly problem: string };

/** Where relative paths start and how `..` behaves. */
export interface NormalizeOptions {
  /** Absolute folder for relative paths; default `facts.cwd`, then `facts.workspaceDir`. */
  readonly base?: string;
  /** `..` leaves the real folder, as in the kernel, instead of the written one, as in the file tools. */
  readonly physical?: boolean;
}

const maxPathLength = 4096;
const loneSurrogate = /\p{Surrogate}/u;

/** The platform of the facts; unknown platforms are judged by the strictest common rules, those of Linux. */
export function platformOf(facts: PolicyFacts): Platform {
  return facts.platform === 'darwin' || facts.platform === 'win32' ? facts.platform : 'linux';
}

/**
 * Brings a path to one absolute form and looks up where it really leads in `facts.realPaths`.
 * `~` and `~/…` stand for the home folder. Never touches the disk, never throws.
 */
export function normalizePath(path: unknown, facts: PolicyFacts, options: NormalizeOptions = {}): PathResult {
  const parsed = parseWritten(path, facts, options);
  if (typeof parsed === 'string') return refuse(parsed);
  const { written, raw } = parsed;
  const real = options.physical ? resolvePhysical(written.platform, raw, facts) : realPathOf(written, facts);
  return resolved(written, real);
}

/** A path of which only the real path is still to be looked up, which depends on the facts of each decision. */
export interface WrittenPath {
  readonly written: CanonicalPath;
  /** What `facts.realPaths` may know it by: the path and its ancestors, deepest first. */
  readonly lookups: readonly string[];
}

/** Takes an absolute path apart once for many decisions; undefined when it is not a valid one. */
export function prepareAbsolute(path: string, platform: Platform): WrittenPath | undefined {
  if (parseAbsolute(path, platform) === undefined) return undefined;
  const parsed = parseWritten(path, { platform }, {});
  if (typeof parsed === 'string') return undefined;
  const { written } = parsed;
  const lookups = written.segments.map((_, i) => ancestorText(written, i + 1)).reverse();
  return { written, lookups: [...lookups, written.root].map((text) => foldForLookup(text, platform)) };
}

/** Where a prepared path really leads, as {@link normalizePath} says it. */
export function resolvePrepared({ written, lookups }: WrittenPath, facts: PolicyFacts): PathResult {
  const known = knownRealPaths(facts, written.platform);
  const at = known.size === 0 ? -1 : lookups.findIndex((text) => known.has(text));
  return resolved(
    written,
    at < 0 ? written : movedTo(written, known.get(lookups[at] ?? '') ?? '', lookups.length - 1 - at),
  );
}

/** Whether the facts say of no path that it leads elsewhere. */
export function leadsNowhereElse(facts: PolicyFacts): boolean {
  return knownRealPaths(facts, platformOf(facts)).size === 0;
}

function resolved(written: CanonicalPath, real: CanonicalPath | undefined): PathResult {
  if (real === undefined) return refuse('its real path is not a valid path');
  if (written.platform === 'win32' && real.segments.some(isShortName)) return refuse('it contains a short (8.3) name');
  return { ok: true, written, real };
}

function parseWritten(
  path: unknown,
  facts: PolicyFacts,
  options: NormalizeOptions,
): { readonly written: CanonicalPath; readonly raw: RawPath } | string {
  if (typeof path !== 'string' || path === '') return 'it is empty';
  if (path.length > maxPathLength) return 'it is longer than 4096 characters';
  if (path.includes('\0')) return 'it contains a NUL character';
  if (loneSurrogate.test(path)) return 'it is not valid Unicode';
  const platform = platformOf(facts);
  const expanded = expandHome(path, facts, platform);
  if (expanded === undefined) return 'the home folder is not known';
  const parsed = toRawSegments(expanded, options.base ?? facts.cwd ?? facts.workspaceDir, platform);
  if (typeof parsed === 'string') return parsed;
  const written = canonical(platform, parsed.root, lexical(parsed.segments));
  if (platform === 'linux' && isMagicLink(written.segments)) return 'it goes through a link of /proc or /dev/fd';
  return { written, raw: parsed };
}

function refuse(problem: string): PathResult {
  return { ok: false, problem };
}

function expandHome(path: string, facts: PolicyFacts, platform: Platform): string | undefined {
  const tilde = path === '~' || path.startsWith('~/') || (platform === 'win32' && path.startsWith('~\\'));
  if (!tilde) return path;
  return facts.homeDir === undefined || facts.homeDir === '' ? undefined : facts.homeDir + path.slice(1);
}

interface RawPath {
  readonly root: string;
  readonly segments: readonly string[];
}

function toRawSegments(path: string, base: string | undefined, platform: Platform): RawPath | string {
  if (platform === 'win32') return parseWindowsPath(path, base);
  if (path.startsWith('/')) return { root: '/', segments: split(path) };
  if (base === undefined || !base.startsWith('/') || base.includes('\0'))
    return 'it is relative and no folder is known';
  return { root: '/', segments: [...split(base), ...split(path)] };
}

function split(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '' && segment !== '.');
}

function lexical(segments: readonly string[]): string[] {
  const out: string[] = [];
  for (const segment of segments) {
    if (segment === '..') out.pop();
    else out.push(segment);
  }
  return out;
}

/** Puts root and segments back together in the platform's manner. */
export function canonical(platform: Platform, root: string, segments: readonly string[]): CanonicalPath {
  return { platform, root, segments, text: root + segments.join(platform === 'win32' ? '\\' : '/') };
}

/** Parses an absolute path without looking up its real path; undefined when it is not one. */
export function parseAbsolute(path: string, platform: Platform): CanonicalPath | undefined {
  const parsed = toRawSegments(path, undefined, platform);
  if (typeof parsed === 'string' || path.includes('\0')) return undefined;
  return canonical(platform, parsed.root, lexical(parsed.segments));
}

const magicProcEntries = new Set(['root', 'cwd', 'fd', 'exe', 'map_files', 'task', 'fdinfo']);

function isMagicLink(segments: readonly string[]): boolean {
  if (segments[0] === 'dev' && segments[1] === 'fd') return true;
  if (segments[0] !== 'proc') return false;
  if (segments[1] === 'thread-self' || segments[1] === 'self')
    return segments.length > 2 && magicProcEntries.has(segments[2] ?? '');
  return /^\d+$/.test(segments[1] ?? '') && magicProcEntries.has(segments[2] ?? '');
}

const shortName = /^[^.~]{1,8}~\d{1,6}(?:\.[^.]{0,3})?$/;

function isShortName(segment: string): boolean {
  return shortName.test(segment);
}

function resolvePhysical(platform: Platform, raw: RawPath, facts: PolicyFacts): CanonicalPath | undefined {
  let current: CanonicalPath | undefined = canonical(platform, raw.root, []);
  for (const segment of raw.segments) {
    if (segment === '..') {
      current = realPathOf(current, facts);
      if (current === undefined) return undefined;
      current = canonical(platform, current.root, current.segments.slice(0, -1));
    } else current = canonical(platform, current.root, [...current.segments, segment]);
  }
  return realPathOf(current, facts);
}

/** Real path by the deepest ancestor that `facts.realPaths` knows; the path itself where it knows none. */
function realPathOf(path: CanonicalPath, facts: PolicyFacts): CanonicalPath | undefined {
  const known = knownRealPaths(facts, path.platform);
  if (known.size === 0) return path;
  const separator = path.platform === 'win32' ? '\\' : '/';
  let text = path.text;
  for (let length = path.segments.length; length >= 0; length--) {
    const found = known.get(foldForLookup(text, path.platform));
    if (found !== undefined) return movedTo(path, found, length);
    const cut = text.lastIndexOf(separator);
    text = cut < path.root.length ? path.root : text.slice(0, cut);
  }
  return path;
}

function ancestorText(path: CanonicalPath, length: number): string {
  return canonical(path.platform, path.root, path.segments.slice(0, length)).text;
}

/** The path with its first segments replaced by where they really lead. */
function movedTo(path: CanonicalPath, target: string, length: number): CanonicalPath | undefined {
  const parsed = parseAbsolute(target, path.platform);
  if (parsed === undefined) return undefined;
  return canonical(path.platform, parsed.root, [...parsed.segments, ...path.segments.slice(length)]);
}

const realPathTables = new WeakMap<object, Map<string, string>>();
const noRealPaths: ReadonlyMap<string, string> = new Map();

function knownRealPaths(facts: PolicyFacts, platform: Platform): ReadonlyMap<string, string> {
  const source: unknown = facts.realPaths;
  if (typeof source !== 'object' || source === null) return noRealPaths;
  const cached = realPathTables.get(source);
  if (cached !== undefined) return cached;
  const table = new Map<string, string>();
  const pairs = Object.entries(source);
  // Where each path leads to itself nothing has to be looked up. Other platforms fold names, so that it could matter.
  if (platform !== 'linux' || pairs.some(([written, real]) => written !== real)) {
    for (const [written, real] of pairs) {
      if (typeof real === 'string')
        table.set(foldForLookup(parseAbsolute(written, platform)?.text ?? written, platform), real);
    }
  }
  // Only what can't change any more may be remembered.
  if (Object.isFrozen(source)) realPathTables.set(source, table);
  return table;
}

function foldForLookup(text: string, platform: Platform): string {
  return platform === 'linux' ? text : text.normalize('NFC').toLowerCase();
}
