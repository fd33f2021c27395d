import { StewardError } from './errors.ts';

/** One way in which a value breaks its schema, as ajv says it. */
export interface SchemaIssue {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: Record<string, unknown>;
}

/** A compiled validator; `errors` describes the last refused value. */
export interface Validator {
  (value: unknown): unknown;
  errors?: readonly object[] | null;
}

/**
 * Returns the value when it satisfies the validator, otherwise throws INVALID_REQUEST naming the field and the rule.
 * The value itself is never repeated: it may hold a secret.
 * @param what the thing in words, such as `StartTask params`
 */
export function assertValid<T>(validate: Validator, value: unknown, what: string): T {
  if (validate(value) === true) return value as T;
  const issue = validate.errors?.[0] as SchemaIssue | undefined;
  const field = issue === undefined ? '' : fieldOf(issue);
  throw new StewardError('INVALID_REQUEST', `${what}: ${describe(issue)} Correct it and send it again.`, {
    details: { field, ...(issue === undefined ? {} : { rule: issue.keyword }) },
  });
}

/** Dotted path of the field that an issue is about; empty for the whole value. */
export function fieldOf(issue: SchemaIssue): string {
  const path = issue.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const extra =
    issue.params['missingProperty'] ?? issue.params['additionalProperty'] ?? issue.params['unevaluatedProperty'];
  return [...path, ...(typeof extra === 'string' ? [extra] : [])].join('.');
}

function describe(issue: SchemaIssue | undefined): string {
  if (issue === undefined) return 'the value does not have the described shape.';
  const field = fieldOf(issue);
  const name = field === '' ? 'the value' : `the field ${field.slice(0, 200)}`;
  if (issue.keyword === 'required') return `${name} is missing.`;
  if (issue.keyword === 'additionalProperties' || issue.keyword === 'unevaluatedProperties')
    return `${name} is not known.`;
  const allowed = issue.params['allowedValues'];
  const rule = Array.isArray(allowed) ? `must be one of ${allowed.join(', ')}` : (issue.message ?? 'is not valid');
  return `${name} ${rule}.`;
}
