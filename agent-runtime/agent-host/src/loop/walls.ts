import { sep } from 'node:path';
import type {
  CapabilityName,
  Decision,
  PolicyAction,
  PolicyBundle,
  PolicyFacts,
  TaskOptions,
} from '@steward/contracts';
import { decide } from '@steward/policy-engine';
import type { BundleState } from '@steward/policy-engine';
import type { ToolWalls } from '@steward/tool-port';

/** What the walls of one call are made of. */
export interface WallFacts {
  readonly bundle: PolicyBundle;
  readonly bundleState: BundleState;
  readonly decision: Decision;
  /** A person approved this very action. */
  readonly approved: boolean;
  readonly facts: PolicyFacts;
  readonly taskOptions: Partial<TaskOptions>;
  readonly now: () => string;
}

const toolFor = { 'File.Read': 'ReadFile', 'File.Write': 'WriteFile', 'File.Delete': 'DeleteFile' } as const;

/**
 * The walls of one call: the same policy decision, asked again about what was really opened or reached. Where the
 * policy asks a person, only what this person approved is inside.
 */
export function wallsFor(wall: WallFacts): ToolWalls {
  const { bundle, decision, approved, facts, taskOptions } = wall;
  const judge = (action: PolicyAction, more: Partial<PolicyFacts>): Decision['decision'] =>
    decide(
      bundle,
      action,
      { ...facts, ...more },
      {
        now: wall.now(),
        bundleState: wall.bundleState,
        taskOptions: { ...taskOptions, approvalMode: 'on_risky_actions' },
      },
    ).decision;
  const approvedPath = decision.normalizedAction.path;
  const approvedUrl = decision.normalizedAction.url;
  const approvedHost = decision.normalizedAction.host;
  const judgeUrl = (url: string, dns: Record<string, string[]>): boolean => {
    const verdict = judge({ toolName: 'HttpRequest', arguments: { method: 'GET', url } }, { dns });
    return verdict === 'allow' || (verdict === 'require_approval' && approved && hostOf(url) === approvedHost);
  };
  const limits = limitsOf(bundle, decision.normalizedAction.capability as CapabilityName);
  return {
    checkPath: (capability, realPath) => {
      // The decision was about this very path, so asking again would give the same answer.
      if (
        decision.decision === 'allow' &&
        realPath === approvedPath &&
        capability === decision.normalizedAction.capability
      )
        return true;
      const verdict = judge(
        { toolName: toolFor[capability], arguments: { path: realPath } },
        { realPaths: { [realPath]: realPath } },
      );
      if (verdict !== 'require_approval') return verdict === 'allow';
      return (
        approved && approvedPath !== undefined && (realPath === approvedPath || realPath.startsWith(approvedPath + sep))
      );
    },
    allowAddress: (host, port, ip) => {
      const scheme = approvedUrl?.startsWith('http:') === true ? 'http' : 'https';
      const literal = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
      return judgeUrl(`${scheme}://${literal}:${port}/`, { [host]: [ip] });
    },
    checkUrl: (url) => judgeUrl(url, {}),
    readRoots: readRoots(bundle, facts),
    writeRoots: writeRoots(bundle, facts),
    network:
      taskOptions.allowNetwork !== false &&
      !bundle.killSwitch &&
      approved &&
      bundle.capabilities.some(({ name }) => name === 'Network.Http'),
    ...limits,
  };
}

function limitsOf(
  bundle: PolicyBundle,
  capability: CapabilityName,
): Pick<ToolWalls, 'maxFileSizeBytes' | 'maxOutputBytes'> {
  const grants = bundle.capabilities.filter(({ name }) => name === capability);
  const most = (values: (number | undefined)[]): number | undefined =>
    values.length === 0 || values.includes(undefined) ? undefined : Math.max(...(values as number[]));
  const maxFileSizeBytes = most(grants.map((grant) => grant.maxFileSizeBytes));
  const maxOutputBytes = most(grants.map((grant) => grant.maxOutputBytes));
  return {
    ...(maxFileSizeBytes === undefined ? {} : { maxFileSizeBytes }),
    ...(maxOutputBytes === undefined ? {} : { maxOutputBytes }),
  };
}

/** Folders that the bundle lets be read whole and without asking; an entry with a pattern names less than a folder. */
function readRoots(bundle: PolicyBundle, facts: PolicyFacts): string[] {
  const entries = bundle.capabilities
    .filter(({ name, requiresApproval }) => name === 'File.Read' && !requiresApproval)
    .flatMap(({ allowedPaths }) => allowedPaths ?? []);
  return entries.flatMap((entry) => {
    const folder = entry.replace(/[/\\]\*\*$/, '');
    if (/[*?[{]/.test(folder.replace(/\$\{(?:workspace|home)\}/g, ''))) return [];
    if (folder.includes('${workspace}') && facts.workspaceDir === undefined) return [];
    return [folder.replace('${workspace}', facts.workspaceDir ?? '').replace('${home}', facts.homeDir ?? '')];
  });
}

/** Folders that the bundle lets files be written in; an entry with a pattern counts up to the pattern. */
function writeRoots(bundle: PolicyBundle, facts: PolicyFacts): string[] {
  const entries = bundle.capabilities
    .filter(({ name }) => name === 'File.Write')
    .flatMap(({ allowedPaths }) => allowedPaths ?? []);
  return entries.flatMap((entry) => {
    if (entry.includes('${workspace}') && facts.workspaceDir === undefined) return [];
    const path = entry.replace('${workspace}', facts.workspaceDir ?? '').replace('${home}', facts.homeDir ?? '');
    const fixed = path.split(/[/\\](?=[^/\\]*[*?[{])/)[0]!;
    return fixed === '' ? [] : [fixed];
  });
}

function hostOf(url: string): string | undefined {
  try {
    return new URL(url).hostname;
  } catch {
    return undefined;
  }
}
