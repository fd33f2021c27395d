import type { ApprovalRule } from '@steward/contracts';
import { listMeans } from './commands/command-list.ts';
import { matchHost } from './domains.ts';
import type { Finding, JudgeContext } from './findings.ts';
import { isInWorkspace } from './judge-paths.ts';
import { compilePathEntries, reachesAny } from './path-lists.ts';
import { platformOf } from './paths.ts';
import type { Effect } from './subject.ts';

/** Rules of the policy that match one of the effects; each raises the decision and none lowers it. */
export function judgeRules(context: JudgeContext, effects: readonly Effect[]): Finding[] {
  const findings: Finding[] = [];
  for (const rule of context.bundle.approvalRules) {
    if (!effects.some((effect) => matchesRule(context, rule, effect))) continue;
    findings.push({
      level: rule.decision === 'deny' ? 'deny' : 'require_approval',
      code: rule.decision === 'deny' ? 'DENIED_BY_RULE' : 'APPROVAL_RULE',
      capability: rule.capability,
      rule,
      ruleId: rule.ruleId,
      zone: rule.zone,
    });
  }
  return findings;
}

/** Whether a rule is about the effect. Every given list must match; in a list one entry suffices. */
export function matchesRule(context: JudgeContext, rule: ApprovalRule, effect: Effect): boolean {
  if (rule.capability !== effect.capability) return false;
  const { match } = rule;
  if (match === undefined) return true;
  if (match.toolNames !== undefined && !match.toolNames.some((name) => matchesToolName(name, effect.toolName)))
    return false;
  if (match.commands !== undefined && !matchesCommands(context, match.commands, effect)) return false;
  if (match.paths !== undefined && !matchesPaths(context, match.paths, effect)) return false;
  if (match.domains !== undefined && !matchesDomains(match.domains, effect)) return false;
  if (match.outsideWorkspace !== undefined && match.outsideWorkspace !== isOutside(context, effect)) return false;
  // A caller that does not say whether untrusted content was read gets the stricter answer.
  if (match.externalWrite !== undefined && match.externalWrite !== (effect.externalWrite === true)) return false;
  const { untrustedContentRead: untrusted, secretContentRead: secret } = context.facts;
  return agrees(match.untrustedContentRead, untrusted) && agrees(match.secretContentRead, secret);
}

function agrees(wanted: boolean | undefined, fact: boolean | undefined): boolean {
  return wanted === undefined || (fact ?? wanted) === wanted;
}

/** Whether a tool list entry (`server/tool`, `server/*`, or a built-in name) names the tool. */
export function matchesToolName(entry: string, toolName: string): boolean {
  if (entry === toolName) return true;
  return (
    entry.length > 2 &&
    entry.endsWith('/*') &&
    toolName.startsWith(entry.slice(0, -1)) &&
    toolName.length > entry.length - 1
  );
}

function matchesCommands(context: JudgeContext, entries: readonly string[], effect: Effect): boolean {
  const platform = platformOf(context.facts);
  return (effect.commands ?? []).some((command) => {
    const anyPart =
      command.innerAt !== undefined || command.problems.some((problem) => problem.code !== 'COMMAND_DYNAMIC');
    return listMeans(entries, command, platform, { anyPart });
  });
}

function matchesPaths(context: JudgeContext, entries: readonly string[], effect: Effect): boolean {
  const { target } = effect;
  if (target === undefined) return false;
  return reachesAny(compilePathEntries(entries, context.facts, 'block'), { ...target, recursive: false }) !== 'no';
}

function matchesDomains(entries: readonly string[], effect: Effect): boolean {
  const { url } = effect;
  return url !== undefined && entries.some((entry) => matchHost(entry, url) !== 'no');
}

function isOutside(context: JudgeContext, effect: Effect): boolean {
  if (effect.target !== undefined) return !isInWorkspace(context, effect.target);
  return effect.capability === 'Network.Http' || effect.capability === 'BackendTool.Invoke';
}
