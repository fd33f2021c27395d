import type { PolicyAction, PolicyBundle, PolicyContent, PolicyFacts } from '@steward/contracts';
import { bundleProblem, isCapabilityName, isRecord } from './bundle-shape.ts';
import { entryWords } from './commands/match.ts';
import { parseHostEntry } from './domains.ts';
import { cleanFacts } from './facts.ts';
import type { JudgeContext } from './findings.ts';
import { judgeAction } from './judge-action.ts';
import { splitVariable } from './path-entries.ts';
import { parseAbsolute } from './paths.ts';
import { matchesRule } from './rules.ts';
import { capabilityOf } from './tools.ts';

/** One thing that is wrong with a policy, with a JSON pointer to it. */
export interface BundleProblem {
  readonly path: string;
  readonly message: string;
}

/**
 * Everything that is wrong with a policy or bundle beyond its JSON schema: unknown names, entries that can never
 * match or would match something else than written, rule ids used twice or missing, and rule examples that fail.
 * An empty list means that the policy does what it says. Never throws.
 */
export function validateBundle(policy: PolicyContent | PolicyBundle): BundleProblem[] {
  const problems: BundleProblem[] = [];
  if (!isRecord(policy)) return [{ path: '', message: 'The policy is not an object.' }];
  checkCapabilities(policy.capabilities, policy.approvalRules, problems);
  checkRules(policy.approvalRules, problems);
  const shape = bundleProblem({ killSwitch: false, ...policy });
  if (shape !== undefined && problems.length === 0)
    problems.push({ path: '', message: `The policy can't be used: ${shape}.` });
  if (shape === undefined) checkExamples(policy, problems);
  return problems;
}

type Add = (path: string, message: string) => void;

function each(
  value: unknown,
  path: string,
  problems: BundleProblem[],
  check: (item: Record<string, unknown>, path: string, add: Add) => void,
): void {
  if (!Array.isArray(value)) {
    problems.push({ path, message: 'This must be a list.' });
    return;
  }
  value.forEach((item: unknown, i) => {
    if (isRecord(item)) check(item, `${path}/${i}`, (at, message) => problems.push({ path: at, message }));
    else problems.push({ path: `${path}/${i}`, message: 'This must be an object.' });
  });
}

const listChecks: Readonly<Record<string, (entry: string) => string | undefined>> = {
  allowedPaths: pathProblem,
  blockedPaths: pathProblem,
  paths: pathProblem,
  allowedCommands: commandProblem,
  blockedCommands: commandProblem,
  commands: commandProblem,
  allowedDomains: domainProblem,
  domains: domainProblem,
  allowedToolNames: toolProblem,
  toolNames: toolProblem,
  allowedSchemes: (entry) =>
    entry === 'http' || entry === 'https' ? undefined : `The scheme "${entry}" is not http or https.`,
};

function checkLists(owner: Record<string, unknown>, path: string, add: Add): void {
  for (const [name, check] of Object.entries(listChecks)) {
    const list = owner[name];
    if (list === undefined) continue;
    if (!Array.isArray(list)) {
      add(`${path}/${name}`, 'This must be a list of texts.');
      continue;
    }
    list.forEach((entry: unknown, i) => {
      const problem = typeof entry === 'string' ? check(entry) : 'This must be a text.';
      if (problem !== undefined) add(`${path}/${name}/${i}`, problem);
    });
  }
}

function checkCapabilities(capabilities: unknown, rules: unknown, problems: BundleProblem[]): void {
  const ruleIds = new Set(
    Array.isArray(rules) ? rules.map((rule: unknown) => (isRecord(rule) ? rule['ruleId'] : undefined)) : [],
  );
  each(capabilities, '/capabilities', problems, (capability, path, add) => {
    if (!isCapabilityName(capability['name']))
      add(`${path}/name`, `There is no capability "${String(capability['name'])}".`);
    checkLists(capability, path, add);
    const ruleId = capability['approvalRuleId'];
    if (ruleId !== undefined && !ruleIds.has(ruleId))
      add(`${path}/approvalRuleId`, `There is no rule "${String(ruleId)}".`);
  });
}

function checkRules(rules: unknown, problems: BundleProblem[]): void {
  const seen = new Set<unknown>();
  each(rules, '/approvalRules', problems, (rule, path, add) => {
    if (seen.has(rule['ruleId'])) add(`${path}/ruleId`, `The rule id "${String(rule['ruleId'])}" is used twice.`);
    seen.add(rule['ruleId']);
    if (!isCapabilityName(rule['capability']))
      add(`${path}/capability`, `There is no capability "${String(rule['capability'])}".`);
    if (isRecord(rule['match'])) checkLists(rule['match'], `${path}/match`, add);
  });
}

function pathProblem(entry: string): string | undefined {
  if (entry.startsWith('**/')) {
    const segments = entry.slice(3).split('/');
    const plain = segments.every(
      (segment) => segment !== '' && segment !== '.' && segment !== '..' && !/[*?[\]]/.test(segment),
    );
    return plain ? undefined : `"${entry}" must be two stars, a slash and plain names.`;
  }
  if (/[*?]/.test(entry)) return `"${entry}" contains a wildcard; a path entry is a prefix, or **/name.`;
  if (entry.includes('\0')) return 'The path contains a NUL character.';
  if (entry.split(/[\\/]/).includes('..')) return `"${entry}" contains "..".`;
  if (splitVariable(entry) !== undefined) return undefined;
  if (entry.includes('${')) return `"${entry}" uses a variable that is not \${workspace} or \${home} at its start.`;
  const absolute = parseAbsolute(entry, 'linux') ?? parseAbsolute(entry, 'win32');
  return absolute === undefined
    ? `"${entry}" is not absolute; begin it with \${workspace}, \${home}, / or a drive.`
    : undefined;
}

function commandProblem(entry: string): string | undefined {
  return entryWords(entry) === undefined || entry.trim() !== entry
    ? `"${entry}" is not a program or a list of plain words.`
    : undefined;
}

function domainProblem(entry: string): string | undefined {
  return parseHostEntry(entry) === undefined
    ? `"${entry}" is not a host, *.host or address with an optional port.`
    : undefined;
}

function toolProblem(entry: string): string | undefined {
  const remote = /^[^/*\s]+\/(?:\*|[^*\s]+)$/.test(entry);
  return remote || capabilityOf(entry) !== undefined ? undefined : `"${entry}" is not a tool, server/tool or server/*.`;
}

/** A machine for trying examples on; rules must not depend on more than this. */
const exampleFacts: PolicyFacts = cleanFacts({
  platform: 'linux',
  cwd: '/workspace/project',
  workspaceDir: '/workspace/project',
  homeDir: '/home/person',
});

function checkExamples(policy: PolicyContent | PolicyBundle, problems: BundleProblem[]): void {
  const context: JudgeContext = { bundle: policy as PolicyBundle, facts: exampleFacts };
  policy.approvalRules.forEach((rule, i) => {
    for (const kind of ['match', 'noMatch'] as const) {
      const examples = isRecord(rule.examples) ? rule.examples[kind] : undefined;
      examples?.forEach((action: PolicyAction, k) => {
        const path = `/approvalRules/${i}/examples/${kind}/${k}`;
        const capability = isRecord(action) && isRecord(action.arguments) ? capabilityOf(action.toolName) : undefined;
        if (capability === undefined) {
          problems.push({ path, message: 'The example is not a call of a known tool.' });
          return;
        }
        const matches = judgeAction(context, action, capability).effects.some((effect) =>
          matchesRule(context, rule, effect),
        );
        if (matches !== (kind === 'match'))
          problems.push({
            path,
            message: `The rule "${rule.ruleId}" ${matches ? 'matches this example' : 'does not match this example'}, but should${matches ? ' not' : ''}.`,
          });
      });
    }
  });
}
