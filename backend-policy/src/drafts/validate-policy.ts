import type { PolicyContent, PolicyProblem, PolicyValidation } from '@steward/contracts';
import { schemas } from '@steward/contracts';
import { validateBundle } from '@steward/policy-engine';
import { StewardError } from '@steward/sdk';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { readPolicyText } from './policy-text.ts';

const mostProblems = 100;
let compiled: ValidateFunction | undefined;

/** Everything that is wrong with a policy as it was typed, each with its line. Nothing is stored; never throws. */
export function validatePolicyText(text: string): PolicyValidation {
  const read = readPolicyText(text);
  if (read.value === undefined) return { valid: false, problems: [...read.problems] };
  const found = validatePolicyContent(read.value);
  const located = found.problems.map((problem) => ({ ...problem, ...read.locate(problem.path) }));
  const problems = [...read.problems, ...located].sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
  return { ...found, valid: problems.length === 0, problems: problems.slice(0, mostProblems) };
}

/** Everything that is wrong with a policy: first its shape, then what it says. Never throws. */
export function validatePolicyContent(value: unknown): PolicyValidation {
  compiled ??= compile();
  if (compiled(value) !== true) {
    const problems = shapeProblems(compiled.errors ?? []);
    return { valid: false, problems: problems.slice(0, mostProblems) };
  }
  const content = value as PolicyContent;
  const problems = validateBundle(content).map(({ path, message }): PolicyProblem => ({
    path: path.slice(0, 1000),
    reason: message.slice(0, 2000),
    remedy: remedyFor(path),
  }));
  return { valid: problems.length === 0, problems: problems.slice(0, mostProblems), content };
}

/** Throws POLICY_BUNDLE_INVALID with every problem when a policy is not fit to be stored. */
export function refuseProblems(content: PolicyContent): void {
  const { problems } = validatePolicyContent(content);
  const [first] = problems;
  if (first === undefined) return;
  throw new StewardError('POLICY_BUNDLE_INVALID', `The policy is not valid at ${first.path || '/'}: ${first.reason}`, {
    details: { problems, reasonCodes: ['POLICY_INVALID'] },
  });
}

function compile(): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  const resolved: unknown = JSON.parse(
    JSON.stringify(schemas).replaceAll('"#/components/schemas/', '"steward#/$defs/'),
  );
  ajv.addSchema({ $id: 'steward', $defs: resolved });
  return ajv.compile({ $ref: 'steward#/$defs/PolicyContent' });
}

function shapeProblems(errors: readonly ErrorObject[]): PolicyProblem[] {
  return errors.map((error): PolicyProblem => {
    const { instancePath, keyword, params, message } = error as ErrorObject & { params: Record<string, unknown> };
    const extra = params['additionalProperty'];
    const path =
      typeof extra === 'string' ? `${instancePath}/${extra.replaceAll('~', '~0').replaceAll('/', '~1')}` : instancePath;
    return { path: path.slice(0, 1000), ...words(keyword, params, message ?? 'is not valid') };
  });
}

function words(keyword: string, params: Record<string, unknown>, message: string): { reason: string; remedy: string } {
  const limit = String(params['limit']);
  switch (keyword) {
    case 'required':
      return { reason: `"${String(params['missingProperty'])}" is missing.`, remedy: 'Add it.' };
    case 'additionalProperties':
      return {
        reason: `There is no setting "${String(params['additionalProperty']).slice(0, 100)}" here.`,
        remedy: 'Remove it, or correct its name.',
      };
    case 'enum':
      return {
        reason: 'This is none of the words that are possible here.',
        remedy: `Use one of: ${(params['allowedValues'] as unknown[]).map(String).join(', ')}.`.slice(0, 1000),
      };
    case 'type':
      return { reason: `This must be of the type ${String(params['type'])}.`, remedy: 'Write it so.' };
    case 'maxLength':
    case 'maxItems':
    case 'maximum':
      return { reason: `This is more than ${limit}.`, remedy: `Keep to ${limit} at most.` };
    case 'minLength':
    case 'minItems':
    case 'minimum':
      return { reason: `This is less than ${limit}.`, remedy: `Give ${limit} at least.` };
    default:
      return { reason: `This ${message}.`, remedy: 'Correct it.' };
  }
}

function remedyFor(path: string): string {
  if (path.includes('/examples/')) return 'Correct the rule until the example fits, or correct the example.';
  if (/Paths\/|\/paths\//.test(path)) return 'Write a folder that begins with ${workspace}, ${home} or /, or **/name.';
  if (/Commands\/|\/commands\//.test(path)) return 'Write a program, or a program and its first words.';
  if (/Domains\/|\/domains\//.test(path)) return 'Write a host such as example.com or *.example.com.';
  if (/ToolNames\/|\/toolNames\//.test(path)) return 'Write a tool, server/tool or server/*.';
  if (path.endsWith('/ruleId')) return 'Give every rule an id of its own.';
  if (path.endsWith('/approvalRuleId')) return 'Name a rule of this policy, or remove the reference.';
  return 'Correct it, or begin again with a template.';
}
