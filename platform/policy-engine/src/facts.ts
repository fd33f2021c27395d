import type { PolicyAction, PolicyBundle, PolicyFacts } from '@steward/contracts';
import { isRecord } from './bundle-shape.ts';
import { analyseCommand } from './commands/analyse.ts';
import { parseTarget } from './domains.ts';
import { splitVariable } from './path-entries.ts';
import { normalizePath, platformOf } from './paths.ts';
import { capabilityOf } from './tools.ts';

/** A frozen copy of the facts; members of the wrong type are left out, which never makes a decision laxer. */
export function cleanFacts(facts: unknown): PolicyFacts {
  if (!isRecord(facts)) return Object.freeze({});
  const clean: Record<string, unknown> = {};
  for (const name of ['platform', 'cwd', 'workspaceDir', 'homeDir']) {
    const value = facts[name];
    if (typeof value === 'string' && value !== '' && value.length <= 4096) clean[name] = value;
  }
  for (const name of ['untrustedContentRead', 'secretContentRead', 'folderTrusted']) {
    if (typeof facts[name] === 'boolean') clean[name] = facts[name];
  }
  if (facts['sandbox'] !== undefined)
    clean['sandbox'] = facts['sandbox'] === 'bubblewrap' || facts['sandbox'] === 'seatbelt' ? facts['sandbox'] : 'none';
  for (const name of ['realPaths', 'dns']) {
    const value = facts[name];
    if (isRecord(value)) clean[name] = Object.freeze({ ...value });
  }
  return Object.freeze(clean) as PolicyFacts;
}

/** What a caller should look up before it decides. */
export interface FactsNeeded {
  /** Absolute paths whose real paths belong into `facts.realPaths`. */
  readonly paths: readonly string[];
  /** Hosts whose addresses belong into `facts.dns`, where the caller resolves them beforehand. */
  readonly hosts: readonly string[];
}

const maxPaths = 2000;

/**
 * Names the paths and hosts that the decision on an action will ask about: the action's own, those that its command
 * names, and those of the policy's path lists. Never throws; what can't be understood is left out, and the decision
 * refuses it on its own.
 */
export function factsNeeded(bundle: PolicyBundle, action: PolicyAction, facts: PolicyFacts): FactsNeeded {
  const paths = new Set<string>();
  const hosts = new Set<string>();
  try {
    collect(bundle, action, cleanFacts({ ...facts, realPaths: undefined }), paths, hosts);
  } catch {
    return { paths: [...paths].slice(0, maxPaths), hosts: [...hosts] };
  }
  return { paths: [...paths].slice(0, maxPaths), hosts: [...hosts] };
}

function collect(
  bundle: PolicyBundle,
  action: PolicyAction,
  facts: PolicyFacts,
  paths: Set<string>,
  hosts: Set<string>,
): void {
  const args: Record<string, unknown> = isRecord(action.arguments) ? action.arguments : {};
  const capability = capabilityOf(action.toolName);
  let folder = facts.cwd ?? facts.workspaceDir;
  for (const name of ['path', 'cwd']) {
    const value = args[name];
    if (typeof value !== 'string') continue;
    const path = normalizePath(value, facts);
    if (!path.ok) continue;
    paths.add(path.written.text);
    if (name === 'cwd') folder = path.written.text;
  }
  if (capability === 'Shell.Exec' && typeof args['command'] === 'string') {
    const report = analyseCommand(
      args['command'],
      facts,
      folder,
      typeof args['stdin'] === 'string' ? args['stdin'] : undefined,
    );
    for (const { token, folders } of report.effects) {
      if (!token.known || paths.size > maxPaths) continue;
      const glob = token.glob ? token.value.search(/[*?[\\]/) : -1;
      const value = glob < 0 ? token.value : token.value.slice(0, token.value.lastIndexOf('/', glob) + 1) || '.';
      for (const base of value.startsWith('/') ? ['/'] : folders) addPath(value, base, facts, paths);
    }
  }
  const target = typeof args['url'] === 'string' ? parseTarget(args['url']) : undefined;
  if (target?.ok) hosts.add(target.target.host);
  for (const entry of listedPaths(bundle)) addEntry(entry, facts, paths);
}

function addPath(value: string, base: string, facts: PolicyFacts, paths: Set<string>): void {
  const written = value.startsWith('~') ? `./${value}` : value;
  const path = normalizePath(written, facts, { base });
  if (!path.ok) return;
  paths.add(path.written.text);
  // Where `..` follows a link the kernel leaves the link's target, so the folder before it matters, too.
  const joined = written.startsWith('/') ? written : `${base}/${written}`;
  for (let at = joined.indexOf('/..'); at > 0; at = joined.indexOf('/..', at + 1)) {
    const before = normalizePath(joined.slice(0, at), facts);
    if (before.ok) paths.add(before.written.text);
  }
}

function listedPaths(bundle: PolicyBundle): string[] {
  return bundle.capabilities.flatMap((capability) => [
    ...(capability.allowedPaths ?? []),
    ...(capability.blockedPaths ?? []),
  ]);
}

function addEntry(entry: string, facts: PolicyFacts, paths: Set<string>): void {
  if (entry.startsWith('**/')) return;
  const variable = splitVariable(entry);
  const folder = variable?.name === 'workspace' ? facts.workspaceDir : facts.homeDir;
  const separator = platformOf(facts) === 'win32' ? '\\' : '/';
  const path =
    variable === undefined ? entry : folder === undefined ? undefined : `${folder}${separator}${variable.rest}`;
  const normalized = path === undefined ? undefined : normalizePath(path, { ...facts, cwd: '' });
  if (normalized?.ok) paths.add(normalized.written.text);
}
