import type { Capability, CapabilityName } from '@steward/contracts';
import { analyseCommand } from './commands/analyse.ts';
import { listMeans, mostCovered, textOccurs } from './commands/command-list.ts';
import type { CommandReport, FileEffect, Problem, SimpleCommand } from './commands/report.ts';
import {
  bestGrant,
  grantedBy,
  grantsOf,
  unlistedLevel,
  type Finding,
  type JudgeContext,
  type Level,
} from './findings.ts';
import { isInWorkspace, judgePath } from './judge-paths.ts';
import { judgeUrl } from './judge-network.ts';
import type { PathTarget } from './path-entries.ts';
import { canonical, normalizePath, platformOf } from './paths.ts';

/** A file that a command touches, with its place. */
export interface JudgedEffect {
  readonly capability: CapabilityName;
  readonly target: PathTarget;
  readonly certain: boolean;
}

/** What judging a command found. */
export interface CommandJudgement {
  readonly findings: readonly Finding[];
  readonly report: CommandReport;
  readonly effects: readonly JudgedEffect[];
  /** No program that the policy or the engine does not know. */
  readonly known: boolean;
  /** Certain to change nothing and to reach nobody. */
  readonly localReadOnly: boolean;
}

/** Judges a command text against Shell.Exec, and the files and hosts that it names against their own capabilities. */
export function judgeCommand(
  context: JudgeContext,
  command: string,
  cwd: string | undefined,
  stdin: string | undefined,
): CommandJudgement {
  const report = analyseCommand(command, context.facts, cwd, stdin);
  const grants = grantsOf(context, 'Shell.Exec');
  const unlisted = unlistedLevel(grants);
  const findings: Finding[] = [];
  const listed = report.commands.map(() => 0);
  const lifts = report.commands.map(() => false);
  let known = report.problems.length === 0;

  report.commands.forEach((simple, i) => {
    const covered = grants.reduce((most, grant) => Math.max(most, coveredBy(grant, simple)), 0);
    listed[i] = covered;
    if (covered > 0 && covered === simple.tokens.length && simple.shortened !== true) lifts[i] = true;
  });
  const nothingListed = report.commands.every((simple) => simple.listing !== 'required');
  const onlyShell = doesNothingOutside(report) && grants.some(({ allowedCommands }) => allowedCommands?.length);
  report.commands.forEach((simple, i) => {
    const blockedBy = findBlock(context, grants, simple);
    if (blockedBy !== undefined)
      findings.push({
        level: 'deny',
        code: 'COMMAND_BLOCKED',
        capability: 'Shell.Exec',
        subject: blockedBy.entry,
        ruleId: blockedBy.grant.approvalRuleId,
      });
    const pending = simple.problems.filter(
      (problem) => !(problem.exactEntryLifts && lifts[i]) && (listed[i] ?? 0) < (problem.liftedByWords ?? Infinity),
    );
    findings.push(...pending.map((problem) => problemFinding(problem, unlisted)));
    const isListed = (listed[i] ?? 0) > 0 || isCovered(report, listed, i);
    if (isListed) {
      const grant = bestGrant(grants.filter((each) => coveredBy(each, simple) > 0));
      if (grant !== undefined) findings.push(grantedBy(grant));
    } else if (onlyShell) {
      const grant = bestGrant(grants);
      if (grant !== undefined) findings.push(grantedBy(grant));
    } else if (simple.listing === 'required' || nothingListed) {
      findings.push({ level: unlisted, code: 'COMMAND_NOT_LISTED', capability: 'Shell.Exec', subject: nameOf(simple) });
      if (!simple.readOnly) known = false;
    }
    if (pending.length > 0) known = false;
    if (context.facts.folderTrusted === false && simple.listing === 'required' && !simple.readOnly)
      findings.push({ level: unlisted, code: 'FOLDER_NOT_TRUSTED', capability: 'Shell.Exec', subject: nameOf(simple) });
  });
  findings.push(...report.problems.map((problem) => problemFinding(problem, unlisted)));
  if (report.commands.length === 0 && report.problems.length === 0) {
    findings.push({
      level: unlisted,
      code: 'COMMAND_NOT_LISTED',
      capability: 'Shell.Exec',
      subject: command.trim().slice(0, 100) || 'an empty command',
    });
  }
  const effects: JudgedEffect[] = [];
  const seen = new Set<string>();
  for (const effect of report.effects) judgeEffect(context, effect, unlisted, findings, effects, seen);
  for (const { url } of report.urls) {
    if (!url.known) continue;
    const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(url.value) ? url.value : `http://${url.value}`;
    findings.push(judgeUrl(context, text).finding);
  }
  const readOnly =
    report.commands.length > 0 &&
    report.commands.every(
      (simple) => simple.readOnly || (simple.listing !== 'required' && simple.problems.length === 0),
    );
  const localReadOnly =
    readOnly && report.problems.length === 0 && report.effects.every((effect) => effect.capability === 'File.Read');
  return { findings, report, effects, known, localReadOnly };
}

/** Nothing but the shell's own state is changed, which ends with it: no program starts, so none has to be listed. */
function doesNothingOutside({ commands, problems }: CommandReport): boolean {
  return (
    problems.length === 0 &&
    commands.every((simple) => simple.listing === 'neutral' && simple.problems.length === 0 && !printsVariables(simple))
  );
}

function printsVariables({ tokens: [first, ...words] }: SimpleCommand): boolean {
  return (
    /^(?:export|declare|typeset|local|readonly|set)$/.test(first?.value ?? '') &&
    (words.length === 0 || !words.every(({ value }) => value.includes('=')))
  );
}

function coveredBy(grant: Capability, simple: SimpleCommand): number {
  return grant.allowedCommands === undefined ? 0 : mostCovered(grant.allowedCommands, simple.tokens);
}

function nameOf(simple: SimpleCommand): string {
  return simple.tokens[0]?.value ?? simple.text;
}

function problemFinding(problem: Problem, level: Level): Finding {
  // What was not looked at to its end may hold what the policy denies.
  const certain = problem.code === 'COMMAND_TOO_COMPLEX' ? 'deny' : level;
  return { level: certain, code: problem.code, capability: 'Shell.Exec', subject: problem.subject };
}

/** A program started by a wrapper is covered by an entry that reaches beyond the wrapper's own words. */
function isCovered(report: CommandReport, listed: readonly number[], index: number): boolean {
  let at = report.commands[index]?.coveredBy;
  for (let hops = 0; at !== undefined && hops < 20; hops++) {
    const parent: SimpleCommand | undefined = report.commands[at];
    if (parent?.innerAt !== undefined && (listed[at] ?? 0) > parent.innerAt) return true;
    at = parent?.coveredBy;
  }
  return false;
}

function findBlock(
  context: JudgeContext,
  grants: readonly Capability[],
  simple: SimpleCommand,
): { readonly grant: Capability; readonly entry: string } | undefined {
  const platform = platformOf(context.facts);
  const anyPart = simple.problems.some((problem) => problem.code !== 'COMMAND_DYNAMIC') || simple.innerAt !== undefined;
  const means = (list: readonly string[]): boolean =>
    listMeans(list, simple, platform, { anyPart }) || textOccurs(list, simple, platform);
  const grant = grants.find(({ blockedCommands: list }) => list !== undefined && means(list));
  if (grant === undefined) return undefined;
  // Only a refusal pays for knowing which entry it was.
  return { grant, entry: grant.blockedCommands?.find((entry) => means([entry])) ?? nameOf(simple) };
}

function judgeEffect(
  context: JudgeContext,
  effect: FileEffect,
  unlisted: Level,
  findings: Finding[],
  effects: JudgedEffect[],
  seen: Set<string>,
): void {
  const key = `${effect.capability}\0${effect.mode}\0${effect.token.value}\0${effect.folders.join('\0')}\0${effect.recursive}${effect.token.glob}`;
  if (seen.has(key)) return;
  seen.add(key);
  const { token } = effect;
  const absolute = token.value.startsWith('/');
  if (!token.known || (effect.folders.length === 0 && !absolute)) {
    if (effect.mode !== 'mention')
      findings.push({ level: unlisted, code: 'PATH_UNCERTAIN', capability: 'Shell.Exec', subject: token.value });
    return;
  }
  for (const base of absolute ? [undefined] : effect.folders) {
    const target = targetOf(context, token.value, token.glob, base, effect);
    if (target === undefined) {
      if (effect.mode !== 'mention')
        findings.push({ level: unlisted, code: 'PATH_INVALID', capability: 'Shell.Exec', subject: token.value });
      continue;
    }
    findings.push(...judgeTarget(context, effect, target, unlisted));
    effects.push({
      capability: effect.capability,
      target,
      certain: effect.mode === 'redirect' || effect.mode === 'operand',
    });
  }
}

/** Programs that tell names, sizes and counts of files and nothing of what is in them. */
const countsOnly = new Set(['ls', 'dir', 'vdir', 'du', 'df', 'stat', 'wc']);

function targetOf(
  context: JudgeContext,
  value: string,
  glob: boolean,
  base: string | undefined,
  { recursive, capability, program }: FileEffect,
): PathTarget | undefined {
  // A `~` that the shell was meant to expand is expanded by now; any other is part of a name.
  const written = value.startsWith('~') ? `./${value}` : value;
  const normalized = normalizePath(written, context.facts, { ...(base === undefined ? {} : { base }), physical: true });
  if (!normalized.ok) return undefined;
  const readsFolders = capability === 'File.Read' && countsOnly.has(program);
  const place = { written: normalized.written, real: normalized.real, recursive, readsFolders };
  if (!glob) return place;
  const from = normalized.written.segments.findIndex((segment) => /[*?[\\]/.test(segment));
  if (from < 0) return place;
  if (value.split('/').includes('..') && value.indexOf('..') > value.search(/[*?[\\]/)) return undefined;
  // Links before the pattern are followed; what the pattern expands to is looked for below where they lead.
  const { written: path } = normalized;
  const before = normalizePath(path.root + path.segments.slice(0, from).join('/'), context.facts, {
    physical: true,
  });
  if (!before.ok) return undefined;
  return {
    ...place,
    real: canonical(path.platform, before.real.root, [...before.real.segments, ...path.segments.slice(from)]),
    globFrom: from,
    realGlobFrom: before.real.segments.length,
  };
}

function judgeTarget(context: JudgeContext, effect: FileEffect, target: PathTarget, unlisted: Level): Finding[] {
  const fallback = { unlisted: levelOutside(unlisted, context, effect) };
  switch (effect.mode) {
    case 'mention':
      // A plain word that is a link out of the project is no mere word.
      if (
        isInWorkspace(context, {
          real: target.written,
          ...(target.globFrom === undefined ? {} : { globFrom: target.globFrom }),
        }) &&
        !isInWorkspace(context, target)
      )
        return [judgePath(context, 'File.Read', target, fallback)].filter(isNotPlainAllow);
      return [
        judgePath(context, 'File.Read', target, { blocksOnly: true }),
        softened(judgePath(context, 'File.Write', target, { blocksOnly: true }), unlisted),
      ].filter((finding) => finding.level !== 'allow');
    case 'folder': {
      if (isInWorkspace(context, target)) return [];
      const finding = judgePath(context, 'File.Read', target, fallback);
      return finding.level === 'allow'
        ? []
        : [{ ...finding, code: finding.code === 'PATH_BLOCKED' ? finding.code : 'CWD_NOT_ALLOWED' }];
    }
    case 'argument':
    case 'operand':
      if (effect.capability !== 'File.Read')
        return [judgePath(context, effect.capability, target)].filter(isNotPlainAllow);
      return [judgePath(context, effect.capability, target, { ...fallback, workspaceSuffices: true })].filter(
        isNotPlainAllow,
      );
    default:
      return [judgePath(context, effect.capability, target)].filter(isNotPlainAllow);
  }
}

function isNotPlainAllow(finding: Finding): boolean {
  return finding.level !== 'allow' || finding.zone !== undefined;
}

/** What a read outside the lists comes to: the laxer of both capabilities, since either may ask. */
function levelOutside(unlisted: Level, context: JudgeContext, effect: FileEffect): Level {
  const own = grantsOf(context, effect.capability);
  return own.length === 0 ? unlisted : unlistedLevel(own);
}

/** A write that is only possible, not certain, is asked about and not refused. */
function softened(finding: Finding, level: Level): Finding {
  return finding.level === 'deny' ? { ...finding, level, code: 'PATH_UNCERTAIN' } : finding;
}
