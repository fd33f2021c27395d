import type { CapabilityName } from '@steward/contracts';
import {
  bestGrant,
  grantedBy,
  grantsOf,
  unlistedLevel,
  type Finding,
  type JudgeContext,
  type Level,
} from './findings.ts';
import { compilePathEntry, isInside, type PathEntry, type PathMatch, type PathTarget } from './path-entries.ts';
import { compilePathEntries, isInsideAny, reachesAny } from './path-lists.ts';

/** How strictly an effect is judged. */
export interface PathJudgeOptions {
  /** Level for paths that no list names, instead of the capability's own. */
  readonly unlisted?: Level;
  /** Without any grant of the capability, a path inside the workspace is left alone. */
  readonly workspaceSuffices?: boolean;
  /** Only block-lists count: the text may be a path, but need not be one. */
  readonly blocksOnly?: boolean;
}

/** Judges one path against one capability. */
export function judgePath(
  context: JudgeContext,
  capability: CapabilityName,
  target: PathTarget,
  options: PathJudgeOptions = {},
): Finding {
  const grants = grantsOf(context, capability);
  const subject = target.written.text;
  if (grants.length === 0) return judgeWithoutGrant(context, capability, target, options);
  const unlisted = options.unlisted ?? unlistedLevel(grants);
  const blocked = swallowsProject(context, capability, grants, target) ? 'yes' : blockedMatch(context, grants, target);
  if (blocked === 'yes') return { level: 'deny', code: 'PATH_BLOCKED', capability, subject };
  if (blocked === 'maybe') return { level: unlisted, code: 'PATH_UNCERTAIN', capability, subject };
  if (options.blocksOnly) return { level: 'allow', code: 'ALLOWED_BY_CAPABILITY', capability };
  const listing = grants.filter((grant) => listsPath(context, grant.allowedPaths, target.real, realGlobFrom(target)));
  const grant = bestGrant(listing);
  if (grant !== undefined) return grantedBy(grant);
  const looksAllowed = grants.some((each) => listsPath(context, each.allowedPaths, target.written, target.globFrom));
  return { level: unlisted, code: looksAllowed ? 'PATH_LEADS_OUTSIDE' : 'PATH_NOT_ALLOWED', capability, subject };
}

function judgeWithoutGrant(
  context: JudgeContext,
  capability: CapabilityName,
  target: PathTarget,
  options: PathJudgeOptions,
): Finding {
  const harmless = options.blocksOnly || (options.workspaceSuffices && isInWorkspace(context, target));
  if (harmless) return { level: 'allow', code: 'ALLOWED_BY_CAPABILITY', capability };
  return {
    level: options.unlisted ?? 'deny',
    code: 'CAPABILITY_NOT_GRANTED',
    capability,
    subject: target.written.text,
  };
}

/** Whether the real path lies in the project folder; false in a chat without one. */
export function isInWorkspace(
  context: JudgeContext,
  target: Pick<PathTarget, 'real' | 'globFrom' | 'realGlobFrom'>,
): boolean {
  return isInside(compilePathEntry('${workspace}', context.facts, 'allow'), target.real, realGlobFrom(target));
}

function realGlobFrom(target: Pick<PathTarget, 'globFrom' | 'realGlobFrom'>): number | undefined {
  return target.realGlobFrom ?? target.globFrom;
}

function listsPath(
  context: JudgeContext,
  entries: readonly string[] | undefined,
  path: PathTarget['real'],
  globFrom: number | undefined,
): boolean {
  return entries !== undefined && isInsideAny(compilePathEntries(entries, context.facts, 'allow'), path, globFrom);
}

/** Changing the whole project folder changes every blocked name in it as well. */
function swallowsProject(
  context: JudgeContext,
  capability: CapabilityName,
  grants: ReturnType<typeof grantsOf>,
  target: PathTarget,
): boolean {
  if (target.recursive !== true || capability === 'File.Read' || target.globFrom !== undefined) return false;
  const project = compilePathEntry('${workspace}', context.facts, 'allow');
  const roots = project.kind === 'prefix' ? project.roots : [];
  const whole: PathEntry = { kind: 'prefix', roots: [target.real] };
  return (
    roots.some((root) => isInside(whole, root)) &&
    grants.some((grant) => grant.blockedPaths?.some((entry) => entry.startsWith('**/')))
  );
}

function blockedMatch(context: JudgeContext, grants: ReturnType<typeof grantsOf>, target: PathTarget): PathMatch {
  let result: PathMatch = 'no';
  for (const { blockedPaths } of grants) {
    if (blockedPaths === undefined) continue;
    const match = reachesAny(compilePathEntries(blockedPaths, context.facts, 'block'), target);
    if (match === 'yes') return 'yes';
    if (match === 'maybe') result = 'maybe';
  }
  return result;
}
