import type { CapabilityName, PolicyAction } from '@steward/contracts';
import { writesOutside } from './commands/external.ts';
import { judgeCommand } from './judge-command.ts';
import { bestGrant, grantedBy, grantsOf, unlistedLevel, type Finding, type JudgeContext } from './findings.ts';
import { isRecord } from './bundle-shape.ts';
import { isVariables, judgeSandbox, judgeVariables } from './judge-surroundings.ts';
import { judgeUrl } from './judge-network.ts';
import { isInWorkspace, judgePath } from './judge-paths.ts';
import { matchesToolName } from './rules.ts';
import { normalizePath } from './paths.ts';
import type { PathTarget } from './path-entries.ts';
import type { Effect } from './subject.ts';
import { compactArguments, type NormalizedAction } from './normalized-action.ts';

/** What the capabilities say about an action, before rules, zones and task options. */
export interface ActionJudgement {
  readonly findings: readonly Finding[];
  readonly effects: readonly Effect[];
  readonly normalized: Partial<NormalizedAction>;
  readonly commandKnown: boolean;
  readonly outsideWorkspace: boolean;
  readonly destructive: boolean;
  readonly localReadOnly: boolean;
  readonly network: boolean;
  /** It changes something beyond this machine. */
  readonly externalWrite: boolean;
}

const nothing: ActionJudgement = {
  findings: [],
  effects: [],
  normalized: {},
  commandKnown: true,
  outsideWorkspace: false,
  destructive: false,
  localReadOnly: false,
  network: false,
  externalWrite: false,
};

/** Judges an action of a known tool; the bundle is known to have the right shape. */
export function judgeAction(context: JudgeContext, action: PolicyAction, capability: CapabilityName): ActionJudgement {
  const args: Record<string, unknown> = action.arguments;
  switch (capability) {
    case 'File.Read':
      return judgeRead(context, action.toolName, args);
    case 'File.Write':
    case 'File.Delete':
      return judgeFile(context, capability, action.toolName, args, { recursive: false });
    case 'Shell.Exec':
      return judgeShell(context, action.toolName, args);
    case 'Network.Http':
      return judgeRequest(context, action.toolName, args);
    case 'Workspace.Upload':
      return judgeUpload(context, action.toolName, args);
    case 'BackendTool.Invoke':
      return judgeRemoteTool(context, action.toolName);
    case 'LLM.Call':
      return judgeModel(context, action.toolName, args);
  }
}

function invalid(capability: CapabilityName, toolName: string, detail: string): ActionJudgement {
  return {
    ...nothing,
    findings: [{ level: 'deny', code: 'ARGUMENTS_INVALID', capability, subject: toolName, detail }],
  };
}

function judgeRead(context: JudgeContext, toolName: string, args: Record<string, unknown>): ActionJudgement {
  const isSearch = toolName !== 'ReadFile';
  const path = args['path'] ?? (isSearch ? '.' : undefined);
  // A pattern is matched below the path, so one that climbs or starts elsewhere would leave what is judged.
  const patterns = toolName === 'FindFiles' ? [args['pattern']] : toolName === 'SearchText' ? [args['glob']] : [];
  for (const pattern of patterns) {
    if (pattern !== undefined && (typeof pattern !== 'string' || leavesFolder(pattern))) {
      return invalid('File.Read', toolName, 'the pattern must stay below the path');
    }
  }
  return judgeFile(context, 'File.Read', toolName, { ...args, path }, { recursive: isSearch });
}

function leavesFolder(pattern: string): boolean {
  return (
    /^(?:[/\\~]|[A-Za-z]:)/.test(pattern) ||
    /[{,/\\(|]\s*[/\\]/.test(pattern) ||
    pattern.split(/[/\\{},()|]/).includes('..') ||
    pattern.includes('\0')
  );
}

function judgeFile(
  context: JudgeContext,
  capability: 'File.Read' | 'File.Write' | 'File.Delete',
  toolName: string,
  args: Record<string, unknown>,
  how: { readonly recursive: boolean },
): ActionJudgement {
  const { path } = args;
  if (typeof path !== 'string') return invalid(capability, toolName, 'path must be text');
  const target = resolve(context, path, how.recursive);
  if ('problem' in target) {
    return {
      ...nothing,
      findings: [{ level: 'deny', code: 'PATH_INVALID', capability, subject: path, detail: target.problem }],
    };
  }
  const findings: Finding[] = [judgePath(context, capability, target)];
  const tooLarge = contentTooLarge(context, capability, args['content'] ?? args['newText']);
  if (tooLarge !== undefined) findings.push(tooLarge);
  return {
    ...nothing,
    findings,
    effects: [{ capability, target, toolName }],
    normalized: { path: target.real.text },
    outsideWorkspace: !isInWorkspace(context, target),
    localReadOnly: capability === 'File.Read',
  };
}

function resolve(context: JudgeContext, path: string, recursive: boolean): PathTarget | { problem: string } {
  const normalized = normalizePath(path, context.facts);
  if (!normalized.ok) return { problem: normalized.problem };
  return { written: normalized.written, real: normalized.real, recursive };
}

function contentTooLarge(context: JudgeContext, capability: CapabilityName, content: unknown): Finding | undefined {
  if (typeof content !== 'string') return undefined;
  const limits = grantsOf(context, capability).map((grant) => grant.maxFileSizeBytes ?? Infinity);
  const limit = Math.max(...limits, 0);
  if (limits.length === 0 || Buffer.byteLength(content) <= limit) return undefined;
  return { level: 'deny', code: 'FILE_TOO_LARGE', capability, detail: `at most ${limit} bytes` };
}

function judgeShell(context: JudgeContext, toolName: string, args: Record<string, unknown>): ActionJudgement {
  const { command, cwd, stdin, env } = args;
  if (typeof command !== 'string' || command.trim() === '')
    return invalid('Shell.Exec', toolName, 'command must be text');
  if (cwd !== undefined && typeof cwd !== 'string') return invalid('Shell.Exec', toolName, 'cwd must be text');
  if (stdin !== undefined && typeof stdin !== 'string') return invalid('Shell.Exec', toolName, 'stdin must be text');
  if (env !== undefined && !isVariables(env)) return invalid('Shell.Exec', toolName, 'env must be names and texts');
  const findings: Finding[] = [];
  let folder = context.facts.cwd ?? context.facts.workspaceDir;
  if (cwd !== undefined) {
    const target = resolve(context, cwd, false);
    if ('problem' in target)
      return {
        ...nothing,
        findings: [
          { level: 'deny', code: 'PATH_INVALID', capability: 'Shell.Exec', subject: cwd, detail: target.problem },
        ],
      };
    folder = target.real.text;
    if (!isInWorkspace(context, target)) {
      const judged = judgePath(context, 'File.Read', target);
      if (judged.level !== 'allow')
        findings.push({
          ...judged,
          code: judged.code === 'PATH_BLOCKED' ? judged.code : 'CWD_NOT_ALLOWED',
          capability: 'Shell.Exec',
        });
    }
  }
  if (grantsOf(context, 'Shell.Exec').length === 0)
    findings.push({ level: 'deny', code: 'CAPABILITY_NOT_GRANTED', capability: 'Shell.Exec' });
  findings.push(...judgeSandbox(context), ...judgeVariables(context, env));
  const judged = judgeCommand(context, command, folder, stdin);
  findings.push(...judged.findings);
  const { report } = judged;
  const externalWrite = report.commands.some((simple) => writesOutside(simple));
  const effects: Effect[] = judged.effects
    // A word that may be the name of a file is one for rules that ask about reading it.
    .filter((effect) => effect.certain || effect.capability === 'File.Read')
    .map((effect) => ({ capability: effect.capability, target: effect.target, toolName }));
  effects.push({
    capability: 'Shell.Exec',
    commands: report.commands,
    uncertain: report.problems.length > 0,
    externalWrite,
    toolName,
  });
  const outside = judged.effects.some((effect) => !isInWorkspace(context, effect.target));
  return {
    findings,
    effects,
    normalized: {
      command,
      commands: report.commands.map((simple) => simple.text),
      ...(folder === undefined ? {} : { cwd: folder }),
      ...(env === undefined ? {} : { env: compactArguments(env) }),
    },
    commandKnown: judged.known,
    outsideWorkspace: outside,
    destructive: judged.effects.some(
      (effect) =>
        effect.certain &&
        (effect.capability === 'File.Delete' ||
          (effect.capability === 'File.Write' && !isInWorkspace(context, effect.target))),
    ),
    localReadOnly: judged.localReadOnly,
    network: report.commands.some((simple) => simple.network),
    externalWrite,
  };
}

function judgeRequest(context: JudgeContext, toolName: string, args: Record<string, unknown>): ActionJudgement {
  const { url, headers } = args;
  if (typeof url !== 'string') return invalid('Network.Http', toolName, 'url must be text');
  const { method } = args;
  if (
    method !== undefined &&
    (typeof method !== 'string' || !/^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/i.test(method))
  )
    return invalid('Network.Http', toolName, 'method must be GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS');
  if (headers !== undefined && !isRecord(headers))
    return invalid('Network.Http', toolName, 'headers must be an object');
  const judged = judgeUrl(context, url);
  const findings: Finding[] = [judged.finding];
  for (const header of Object.keys(headers ?? {})) {
    if (
      /^(?:host|connection|transfer-encoding|content-length|upgrade|proxy-.*|te|trailer|forwarded|x-forwarded-host|:.*)$/i.test(
        header.trim(),
      ) ||
      !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(header)
    ) {
      findings.push({ level: 'deny', code: 'HEADER_NOT_ALLOWED', capability: 'Network.Http', subject: header });
    }
  }
  const target = judged.target;
  const externalWrite = !/^(?:GET|HEAD|OPTIONS)$/i.test(method ?? 'GET');
  return {
    ...nothing,
    findings,
    effects: [
      { capability: 'Network.Http', toolName, externalWrite, ...(target === undefined ? {} : { url: target }) },
    ],
    externalWrite,
    normalized: target === undefined ? {} : { url: target.url, host: target.host },
    outsideWorkspace: true,
    network: true,
  };
}

function judgeUpload(context: JudgeContext, toolName: string, args: Record<string, unknown>): ActionJudgement {
  const grant = bestGrant(grantsOf(context, 'Workspace.Upload'));
  const findings: Finding[] = [
    grant === undefined
      ? { level: 'deny', code: 'CAPABILITY_NOT_GRANTED', capability: 'Workspace.Upload' }
      : grantedBy(grant),
  ];
  const tooLarge = contentTooLarge(context, 'Workspace.Upload', args['content']);
  if (tooLarge !== undefined) findings.push(tooLarge);
  const { path } = args;
  if (path === undefined)
    return {
      ...nothing,
      findings,
      effects: [{ capability: 'Workspace.Upload', toolName, externalWrite: true }],
      externalWrite: true,
    };
  const read = judgeFile(context, 'File.Read', toolName, { path }, { recursive: false });
  const effects: Effect[] = [
    ...read.effects,
    ...read.effects.map((effect): Effect => ({ ...effect, capability: 'Workspace.Upload', externalWrite: true })),
  ];
  return { ...read, findings: [...findings, ...read.findings], effects, localReadOnly: false, externalWrite: true };
}

function judgeRemoteTool(context: JudgeContext, toolName: string): ActionJudgement {
  const grants = grantsOf(context, 'BackendTool.Invoke');
  const listing = grants.filter((grant) =>
    (grant.allowedToolNames ?? []).some((entry) => matchesToolName(entry, toolName)),
  );
  const grant = bestGrant(listing);
  const externalWrite = !grants.some((each) =>
    (each.readOnlyToolNames ?? []).some((entry) => matchesToolName(entry, toolName)),
  );
  const finding: Finding =
    grant !== undefined
      ? grantedBy(grant)
      : grants.length === 0
        ? { level: 'deny', code: 'CAPABILITY_NOT_GRANTED', capability: 'BackendTool.Invoke' }
        : {
            level: unlistedLevel(grants),
            code: 'TOOL_NOT_LISTED',
            capability: 'BackendTool.Invoke',
            subject: toolName,
          };
  return {
    ...nothing,
    findings: [finding],
    effects: [{ capability: 'BackendTool.Invoke', toolName, externalWrite }],
    externalWrite,
    outsideWorkspace: true,
    network: true,
  };
}

function judgeModel(context: JudgeContext, toolName: string, args: Record<string, unknown>): ActionJudgement {
  const { model } = args;
  if (typeof model !== 'string' || model === '') return invalid('LLM.Call', toolName, 'model must be text');
  const grants = grantsOf(context, 'LLM.Call');
  const effects: Effect[] = [{ capability: 'LLM.Call', toolName }];
  if (grants.length === 0)
    return {
      ...nothing,
      effects,
      findings: [{ level: 'deny', code: 'CAPABILITY_NOT_GRANTED', capability: 'LLM.Call' }],
    };
  const grant = bestGrant(
    grants.filter((each) => each.allowedModels === undefined || lists(each.allowedModels, model)),
  );
  const listed = grant !== undefined && lists(context.bundle.llmPolicy.allowedModels, model);
  const finding: Finding = listed
    ? grantedBy(grant)
    : { level: 'deny', code: 'MODEL_NOT_ALLOWED', capability: 'LLM.Call', subject: model };
  return { ...nothing, effects, findings: [finding] };
}

/** `*` stands for every model; it has to be written out. */
function lists(models: readonly string[], model: string): boolean {
  return models.includes(model) || models.includes('*');
}
