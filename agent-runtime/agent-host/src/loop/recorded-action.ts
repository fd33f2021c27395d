import type { PolicyBundle, PolicyFacts, RecordedAction, TaskOptions } from '@steward/contracts';

const longestText = 20_000;
const largestRecord = 64_000;

/** Arguments of which the decision knows nothing but their length. */
const onlySizes: Readonly<Record<string, readonly string[]>> = {
  WriteFile: ['content'],
};

/**
 * What a decision was made from, for the audit record: enough to ask another policy the same question exactly. Where
 * redaction would change it, or it is too large to keep, the record says so instead of keeping something similar. Pure.
 */
export function recordAction(
  toolName: string,
  args: Readonly<Record<string, unknown>>,
  judged: {
    readonly facts: PolicyFacts;
    readonly decision: { readonly actionDigest: string };
    readonly judgedBy: PolicyBundle;
  },
  taskOptions: Partial<TaskOptions>,
  redact: (text: string) => string,
): RecordedAction {
  const base = {
    schemaVersion: 1 as const,
    toolName: toolName.slice(0, 200),
    policyBundleVersion: judged.judgedBy.policyBundleVersion,
    actionDigest: judged.decision.actionDigest,
  };
  const sizes: Record<string, number> = {};
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    if (typeof value === 'string' && onlySizes[toolName]?.includes(name) === true)
      sizes[name] = Buffer.byteLength(value);
    else kept[name] = value;
  }
  const { allowNetwork, approvalMode } = taskOptions;
  const options = {
    ...(allowNetwork === undefined ? {} : { allowNetwork }),
    ...(approvalMode === undefined ? {} : { approvalMode }),
  };
  const content = { arguments: kept, facts: judged.facts };
  const text = JSON.stringify(content);
  if (text.length > largestRecord || hasLongText(kept, 0))
    return { ...base, replayable: false, reason: 'It is too large to be kept whole.' };
  if (hasSecret(content, redact, 0))
    return { ...base, replayable: false, reason: 'It held a secret, which is not kept.' };
  return {
    ...base,
    replayable: true,
    ...content,
    ...(Object.keys(sizes).length === 0 ? {} : { sizes }),
    ...(Object.keys(options).length === 0 ? {} : { taskOptions: options }),
  };
}

function hasLongText(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.length > longestText;
  if (typeof value !== 'object' || value === null) return false;
  return depth > 10 || Object.values(value).some((member) => hasLongText(member, depth + 1));
}

function hasSecret(value: unknown, redact: (text: string) => string, depth: number): boolean {
  if (typeof value === 'string') return redact(value) !== value;
  if (typeof value !== 'object' || value === null) return false;
  return (
    depth > 12 ||
    Object.entries(value).some(([key, member]) => redact(key) !== key || hasSecret(member, redact, depth + 1))
  );
}
