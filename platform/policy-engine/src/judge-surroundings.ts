import { isRecord } from './bundle-shape.ts';
import { isHandedOnly } from './commands/environment.ts';
import { grantsOf, unlistedLevel, type Finding, type JudgeContext } from './findings.ts';

/** What is said of a command on a machine that can't wall it in: asked, or denied where any grant says so. */
export function judgeSandbox(context: JudgeContext): Finding[] {
  if (context.facts.sandbox !== 'none') return [];
  const denied = grantsOf(context, 'Shell.Exec').some((grant) => grant.withoutSandbox === 'deny');
  return [{ level: denied ? 'deny' : 'require_approval', code: 'NO_SANDBOX', capability: 'Shell.Exec' }];
}

/** Whether the value is an object of texts by the names of variables. */
export function isVariables(value: unknown): value is Readonly<Record<string, string>> {
  return (
    isRecord(value) &&
    Object.entries(value).every(([name, text]) => /^[A-Z][A-Z0-9_]{0,99}$/.test(name) && typeof text === 'string')
  );
}

/** The variables that a command is given beside its text: judged by their names, as one written in front of it is. */
export function judgeVariables(context: JudgeContext, env: unknown): Finding[] {
  if (!isVariables(env)) return [];
  const level = unlistedLevel(grantsOf(context, 'Shell.Exec'));
  return Object.keys(env)
    .filter((name) => !isHandedOnly(name))
    .map((subject) => ({ level, code: 'COMMAND_CHANGES_ENVIRONMENT', capability: 'Shell.Exec', subject }));
}
