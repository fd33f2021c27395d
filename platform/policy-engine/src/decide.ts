import type {
  ApprovalRule,
  CapabilityName,
  Decision,
  PolicyAction,
  PolicyBundle,
  PolicyFacts,
} from '@steward/contracts';
import { asBundle, bundleProblem, isRecord } from './bundle-shape.ts';
import { cleanFacts } from './facts.ts';
import { bundleStateAt, type BundleState } from './bundle-state.ts';
import { digestOf } from './digest.ts';
import { explain } from './explain.ts';
import { compareLevels, stricter, type Finding, type JudgeContext, type Level } from './findings.ts';
import { judgeAction, type ActionJudgement } from './judge-action.ts';
import { compactArguments, type NormalizedAction } from './normalized-action.ts';
import type { ReasonCode } from './reasons.ts';
import { riskOf } from './risk.ts';
import { judgeRules } from './rules.ts';
import { isInWorkspace } from './judge-paths.ts';
import { capabilityOf, isReversible, isSideEffect } from './tools.ts';

/** Circumstances of one decision. All of it can only narrow what the bundle allows. */
export interface DecisionContext {
  /** Current time, ISO 8601; without it the bundle's times are not looked at. */
  readonly now?: string;
  readonly taskOptions?: {
    readonly allowNetwork?: boolean;
    readonly approvalMode?: 'always' | 'on_risky_actions' | 'never';
  };
  /** An admin has thrown the kill switch since the bundle was signed; it never releases the bundle's own. */
  readonly killSwitch?: boolean;
  /** What the caller found out about the bundle's signature and age; default `active`. */
  readonly bundleState?: BundleState;
}

/** A decision without the digest of what was judged. */
type Verdict = Omit<Decision, 'actionDigest'>;

/**
 * The one policy decision. Pure and total: the same input gives the same answer, nothing is read but the arguments,
 * and no input makes it throw. Findings are collected from capabilities, rules, zones, the kill switch, the bundle's
 * state and the task's options; the strictest one decides.
 */
export function decide(
  bundle: PolicyBundle,
  action: PolicyAction,
  facts: PolicyFacts,
  context: DecisionContext = {},
): Decision {
  return judged(action, () => withDigest(decideSafely(bundle, action, facts, context)), withDigest);
}

/**
 * What {@link decide} decides, for who compares many decisions and binds no approval to one: the digest, a good tenth of
 * the work, is left out. Pure and total, too.
 */
export function judge(
  bundle: PolicyBundle,
  action: PolicyAction,
  facts: PolicyFacts,
  context: DecisionContext = {},
): Verdict {
  return judged(
    action,
    () => decideSafely(bundle, action, facts, context),
    (verdict) => verdict,
  );
}

function withDigest(verdict: Verdict): Decision {
  return { ...verdict, actionDigest: digestOf(verdict.normalizedAction) };
}

/** What could not be judged is denied. */
function judged<Result>(action: unknown, judging: () => Result, finish: (verdict: Verdict) => Result): Result {
  try {
    return judging();
  } catch {
    const finding: Finding = {
      level: 'deny',
      code: 'ARGUMENTS_INVALID',
      subject: 'the action',
      detail: 'it could not be judged',
    };
    const normalized = { capability: 'unknown', toolName: toolNameOf(action) };
    return finish(conclude([finding], 'supervised', nothingJudged, normalized, 'high', ''));
  }
}

const nothingJudged = {};

function toolNameOf(action: unknown): string {
  return isRecord(action) && typeof action['toolName'] === 'string' ? action['toolName'].slice(0, 200) : '';
}

function decideSafely(bundle: unknown, action: unknown, facts: unknown, context: DecisionContext): Verdict {
  const toolName = toolNameOf(action);
  const args = isRecord(action) && isRecord(action['arguments']) ? action['arguments'] : undefined;
  const capability = isRecord(action) && action['toolName'] === toolName ? capabilityOf(toolName) : undefined;
  const normalized: NormalizedAction = {
    capability: capability ?? 'unknown',
    toolName,
    arguments: compactArguments(args ?? {}) as Record<string, unknown>,
  };
  const circumstances: DecisionContext = isRecord(context) ? context : {};
  const state = circumstances.bundleState;
  const shape = bundleProblem(bundle);
  if (bundle === undefined || bundle === null || state === 'absent')
    return refuse('POLICY_ABSENT', normalized, capability, '', undefined);
  if (shape !== undefined) return refuse('POLICY_INVALID', normalized, capability, '', shape);
  const verified = asBundle(bundle);
  const policyName = typeof verified.policyName === 'string' ? verified.policyName : '';
  const at = bundleStateAt(verified, circumstances.now, state);
  if (at === 'invalid' || at === 'absent')
    return refuse('POLICY_INVALID', normalized, capability, policyName, undefined);
  if (at === 'expired') return refuse('POLICY_EXPIRED', normalized, capability, policyName, undefined);
  if (capability === undefined) return refuse('UNKNOWN_TOOL', normalized, capability, policyName, undefined);
  if (args === undefined)
    return refuse('ARGUMENTS_INVALID', normalized, capability, policyName, 'they are not an object');

  const judging: JudgeContext = { bundle: verified, facts: cleanFacts(facts) };
  const judged = judgeAction(judging, { toolName, arguments: args }, capability);
  const findings: Finding[] = [...judged.findings, ...judgeRules(judging, judged.effects)];
  const risk = riskOf({ ...judged, capability });
  const zone = strictestZone(verified.zone, findings);
  findings.push(...circumstanceFindings(verified, capability, toolName, judged, at, circumstances));
  findings.push(...afterReading(judging, capability, judged));
  findings.push(...zoneFindings(zone, capability, risk, findings, riskyEgress(judging, judged)));
  return conclude(
    lastWord(findings, circumstances),
    zone,
    judged,
    { ...normalized, ...judged.normalized },
    risk,
    policyName,
  );
}

function refuse(
  code: ReasonCode,
  normalized: NormalizedAction,
  capability: CapabilityName | undefined,
  policyName: string,
  detail: string | undefined,
): Verdict {
  const finding: Finding = { level: 'deny', code, capability, subject: normalized.toolName, detail };
  const risk = riskOf({ capability, outsideWorkspace: false, commandKnown: false, destructive: false });
  return conclude([finding], 'supervised', nothingJudged, normalized, risk, policyName);
}

/** The kill switch, the grace period and the task's options. */
function circumstanceFindings(
  bundle: PolicyBundle,
  capability: CapabilityName,
  toolName: string,
  judged: ActionJudgement,
  state: BundleState,
  context: DecisionContext,
): Finding[] {
  const findings: Finding[] = [];
  const leaves =
    capability === 'Network.Http' || capability === 'BackendTool.Invoke' || capability === 'Workspace.Upload';
  // File writes stay on this machine and can be undone, so the kill switch leaves them to the other rules.
  if (
    (bundle.killSwitch || context.killSwitch === true) &&
    (leaves || judged.externalWrite || (capability === 'Shell.Exec' && !judged.localReadOnly))
  ) {
    findings.push({ level: 'deny', code: 'KILL_SWITCH_ACTIVE', capability });
  }
  if (state === 'grace' && capability !== 'File.Read' && capability !== 'LLM.Call')
    findings.push({ level: 'deny', code: 'POLICY_GRACE_READS_ONLY', capability });
  const options: DecisionContext['taskOptions'] = isRecord(context.taskOptions) ? context.taskOptions : {};
  if (options?.allowNetwork === false && judged.network)
    findings.push({ level: 'deny', code: 'NETWORK_OFF_FOR_TASK', capability, subject: toolName });
  if (options?.approvalMode === 'always' && isSideEffect(toolName))
    findings.push({ level: 'require_approval', code: 'APPROVAL_MODE_ALWAYS', capability });
  return findings;
}

type Zone = Decision['zone'];

const zones: readonly Zone[] = ['sandbox', 'supervised', 'high_stakes'];

function strictestZone(zone: Zone, findings: readonly Finding[]): Zone {
  return findings.reduce<Zone>(
    (strictest, finding) =>
      finding.zone !== undefined && zones.indexOf(finding.zone) > zones.indexOf(strictest) ? finding.zone : strictest,
    zone,
  );
}

/** A write beyond this machine by a session that has read what others wrote, or secrets. */
function riskyEgress({ facts }: JudgeContext, judged: ActionJudgement): boolean {
  return judged.externalWrite && (facts.untrustedContentRead === true || facts.secretContentRead === true);
}

/** What the bundle asks for once content of some trust was read; a caller that does not say counts as one that did. */
function afterReading({ bundle, facts }: JudgeContext, capability: CapabilityName, judged: ActionJudgement): Finding[] {
  const sends = judged.network || judged.externalWrite;
  const outsideWrite = judged.effects.some(
    ({ capability: name, target }) =>
      (name === 'File.Write' || name === 'File.Delete') &&
      target !== undefined &&
      !isInWorkspace({ bundle, facts }, target),
  );
  return (bundle.afterReading ?? []).flatMap((rule): Finding[] => {
    const read =
      rule.trust === 'secret' ? facts.secretContentRead : (facts.untrustedContentRead ?? facts.secretContentRead);
    const concerned =
      rule.action === 'egress' ? sends : outsideWrite || (judged.outsideWorkspace && judged.destructive);
    if (read === false || !concerned) return [];
    const code = rule.trust === 'secret' ? 'AFTER_SECRET_CONTENT' : 'AFTER_UNTRUSTED_CONTENT';
    return [{ level: rule.decision === 'deny' ? 'deny' : 'require_approval', code, capability }];
  });
}

/** `supervised` asks for what is of high risk, and for writes beyond this machine after untrusted or secret content; `high_stakes` for everything that can change something. */
function zoneFindings(
  zone: Zone,
  capability: CapabilityName,
  risk: Decision['riskLevel'],
  findings: readonly Finding[],
  riskyEgress: boolean,
): Finding[] {
  const changes = capability !== 'File.Read' && capability !== 'LLM.Call';
  if (zone === 'high_stakes' && changes)
    return [{ level: 'require_approval', code: 'ZONE_REQUIRES_APPROVAL', capability, zone }];
  const silent = findings.every((finding) => finding.level === 'allow');
  return zone === 'supervised' && (risk === 'high' || riskyEgress) && silent
    ? [{ level: 'require_approval', code: 'ZONE_REQUIRES_APPROVAL', capability, zone }]
    : [];
}

/** Where nobody can be asked, what would have to be asked is denied. */
function lastWord(findings: readonly Finding[], context: DecisionContext): readonly Finding[] {
  const level = findings.reduce<Level>((strictest, finding) => stricter(strictest, finding.level), 'allow');
  const unattended = isRecord(context.taskOptions) && context.taskOptions['approvalMode'] === 'never';
  return level === 'require_approval' && unattended
    ? [{ level: 'deny', code: 'APPROVAL_REQUIRED' }, ...findings]
    : findings;
}

type Scope = 'once' | 'task' | 'session';
const allScopes: readonly Scope[] = ['once', 'task', 'session'];
/** Reasons where a second run of the same text could do something else, so that each needs its own answer. */
const onceOnly: ReadonlySet<ReasonCode> = new Set([
  'COMMAND_DYNAMIC',
  'COMMAND_UNPARSEABLE',
  'COMMAND_TOO_COMPLEX',
  'COMMAND_HIDDEN_CHARACTERS',
  'COMMAND_SHELL_UNCERTAIN',
  'COMMAND_INLINE_CODE',
  'COMMAND_CHANGES_ENVIRONMENT',
  'PATH_UNCERTAIN',
  'PATH_LEADS_OUTSIDE',
]);

function conclude(
  findings: readonly Finding[],
  zone: Zone,
  judged: Partial<Pick<ActionJudgement, 'externalWrite' | 'outsideWorkspace'>>,
  normalizedAction: NormalizedAction,
  riskLevel: Decision['riskLevel'],
  policyName: string,
): Verdict {
  const sorted =
    findings.length === 0
      ? [{ level: 'deny', code: 'CAPABILITY_NOT_GRANTED' } as Finding]
      : [...findings].sort((a, b) => compareLevels(b.level, a.level));
  const decision: Level = sorted[0]?.level ?? 'deny';
  const deciding = sorted.filter((finding) => finding.level === decision);
  const rules = sorted.flatMap((finding) =>
    finding.rule !== undefined && finding.level !== 'allow' ? [finding.rule] : [],
  );
  // A rule says best why something is asked or denied, so it is the one that is explained.
  const main =
    deciding.find((finding) => finding.code !== 'COMMAND_NOT_LISTED' && finding.rule !== undefined) ??
    deciding[0] ??
    sorted[0];
  const reasonCodes = [
    ...new Set([...deciding, ...sorted.filter((finding) => finding.level !== 'allow')].map((finding) => finding.code)),
  ].slice(0, 50);
  const ruleId = main?.ruleId ?? deciding.find((finding) => finding.ruleId !== undefined)?.ruleId;
  const approval =
    decision === 'require_approval'
      ? { allowedScopes: scopesOf(sorted, rules, zone), approverRole: approverOf(rules, zone) }
      : {};
  return {
    decision,
    reasonCodes,
    ...(ruleId === undefined ? {} : { ruleId }),
    riskLevel,
    zone,
    normalizedAction,
    ...classesOf(judged, normalizedAction.toolName),
    ...approval,
    ...(main === undefined ? {} : explain(decision, main, policyName)),
  };
}

function classesOf(
  { externalWrite, outsideWorkspace }: Partial<Pick<ActionJudgement, 'externalWrite' | 'outsideWorkspace'>>,
  toolName: string,
): Pick<Decision, 'actionClasses'> {
  const actionClasses: NonNullable<Decision['actionClasses']> = [
    ...(externalWrite === true ? (['external_write'] as const) : []),
    ...(externalWrite === true && !isReversible(toolName) ? (['irreversible'] as const) : []),
    ...(outsideWorkspace === true ? (['outside_project'] as const) : []),
  ];
  return actionClasses.length === 0 ? {} : { actionClasses };
}

function scopesOf(findings: readonly Finding[], rules: readonly ApprovalRule[], zone: Zone): Scope[] {
  if (zone === 'high_stakes' || findings.some((finding) => finding.level !== 'allow' && onceOnly.has(finding.code)))
    return ['once'];
  const lists = rules.map((rule) => rule.allowedScopes ?? ['once']);
  const shared = allScopes.filter((scope) => lists.every((list) => list.includes(scope)));
  return shared.length === 0 ? ['once'] : shared;
}

function approverOf(rules: readonly ApprovalRule[], zone: Zone): 'user' | 'approver' {
  return zone === 'high_stakes' || rules.some((rule) => rule.approverRole === 'approver') ? 'approver' : 'user';
}
