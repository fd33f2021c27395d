import type { ApprovalRule, Capability, PolicyContent, PolicyDiff, PolicyDifference } from '@steward/contracts';
import { always, limitRule, listRule, matchListRule, orderRule, same, together } from './field-effects.ts';
import type { FieldRule } from './field-effects.ts';

type Subject = PolicyDifference['subject'];

/** What both sides of a difference are part of. */
interface Place {
  readonly subject: Subject;
  /** JSON pointer to the owner of the field. */
  readonly path: string;
  /** The owner in words. */
  readonly words: string;
  readonly capability?: Capability['name'];
  readonly ruleId?: string;
}

const zones = ['sandbox', 'supervised', 'high_stakes'];

const capabilityFields: Readonly<Record<string, FieldRule>> = {
  allowedPaths: listRule('widens'),
  allowedCommands: listRule('widens'),
  allowedDomains: listRule('widens'),
  allowedSchemes: listRule('widens', ['https']),
  allowedToolNames: listRule('widens'),
  allowedModels: listRule('widens'),
  blockedPaths: listRule('narrows'),
  blockedCommands: listRule('narrows'),
  maxFileSizeBytes: limitRule,
  maxOutputBytes: limitRule,
  requiresApproval: orderRule([false, true]),
  unlisted: orderRule(['require_approval', 'deny'], 'deny'),
  withoutSandbox: orderRule(['require_approval', 'deny'], 'require_approval'),
  zone: orderRule(zones),
};

const ruleFields: Readonly<Record<string, FieldRule>> = {
  title: always('neutral'),
  examples: always('neutral'),
  decision: orderRule(['require_approval', 'deny']),
  approverRole: orderRule(['user', 'approver'], 'user'),
  zone: orderRule(zones),
};

const matchFields: Readonly<Record<string, FieldRule>> = {
  commands: matchListRule(),
  paths: matchListRule(),
  domains: matchListRule(),
  toolNames: matchListRule(),
};

const modelFields: Readonly<Record<string, FieldRule>> = {
  allowedModels: listRule('widens'),
  maxInputTokens: limitRule,
  maxOutputTokens: limitRule,
  maxSessionTokens: limitRule,
};

const settingFields: Readonly<Record<string, FieldRule>> = {
  name: always('neutral'),
  description: always('neutral'),
  zone: orderRule(zones),
  offlineGraceSeconds: limitRule,
};

/**
 * What changes from one policy to another, each with what it means for an agent. Where that can't be told from the
 * field alone the effect is `mixed`: a difference never passes for narrower than it is. Pure.
 */
export function diffPolicies(before: PolicyContent, after: PolicyContent): Pick<PolicyDiff, 'effect' | 'differences'> {
  const settings: Place = { subject: 'setting', path: '', words: 'The policy' };
  const model: Place = { subject: 'model_policy', path: '/llmPolicy', words: 'The model policy' };
  const differences = [
    ...fieldDifferences(settings, settingFields, pick(before, settingFields), pick(after, settingFields)),
    ...fieldDifferences(model, modelFields, { ...before.llmPolicy }, { ...after.llmPolicy }),
    ...capabilityDifferences(before.capabilities, after.capabilities),
    ...ruleDifferences(before.approvalRules, after.approvalRules),
    ...entryDifferences('redaction_rule', '/redactionRules', before.redactionRules, after.redactionRules, 'ruleId', {
      added: 'narrows',
      removed: 'widens',
    }),
    ...entryDifferences('mcp_server', '/mcpServers', before.mcpServers, after.mcpServers, 'name', {
      added: 'widens',
      removed: 'narrows',
    }),
  ].slice(0, 2000);
  return { effect: together(differences.map(({ effect }) => effect)), differences };
}

function capabilityDifferences(before: readonly Capability[], after: readonly Capability[]): PolicyDifference[] {
  const old = numbered(before, ({ name }) => name);
  const now = numbered(after, ({ name }) => name);
  const differences: PolicyDifference[] = [];
  for (const [key, { item, index }] of now) {
    const place = capabilityPlace(item, index);
    const previous = old.get(key);
    if (previous === undefined) {
      // Blocks of one grant count against every other grant of the same name.
      const effect = blocks(item) && before.some(({ name }) => name === item.name) ? 'mixed' : 'widens';
      differences.push(whole(place, 'added', effect, item));
    } else differences.push(...fieldDifferences(place, capabilityFields, { ...previous.item }, { ...item }));
  }
  for (const [key, { item, index }] of old) {
    if (now.has(key)) continue;
    const effect = blocks(item) && after.some(({ name }) => name === item.name) ? 'mixed' : 'narrows';
    differences.push(whole(capabilityPlace(item, index), 'removed', effect, item));
  }
  return differences;
}

function blocks({ blockedPaths = [], blockedCommands = [] }: Capability): boolean {
  return blockedPaths.length + blockedCommands.length > 0;
}

function capabilityPlace({ name }: Capability, index: number): Place {
  return { subject: 'capability', path: `/capabilities/${index}`, words: name, capability: name };
}

function ruleDifferences(before: readonly ApprovalRule[], after: readonly ApprovalRule[]): PolicyDifference[] {
  const old = numbered(before, ({ ruleId }) => ruleId);
  const now = numbered(after, ({ ruleId }) => ruleId);
  const differences: PolicyDifference[] = [];
  for (const [key, { item, index }] of now) {
    const place = rulePlace(item, index);
    const previous = old.get(key)?.item;
    if (previous === undefined) differences.push(whole(place, 'added', 'narrows', item));
    else {
      const { match: oldMatch, ...oldRule } = previous;
      const { match: newMatch, ...newRule } = item;
      differences.push(
        ...fieldDifferences(place, ruleFields, oldRule, newRule),
        ...fieldDifferences({ ...place, path: `${place.path}/match` }, matchFields, { ...oldMatch }, { ...newMatch }),
      );
    }
  }
  for (const [key, { item, index }] of old)
    if (!now.has(key)) differences.push(whole(rulePlace(item, index), 'removed', 'widens', item));
  return differences;
}

function rulePlace({ ruleId, title, capability }: ApprovalRule, index: number): Place {
  return {
    subject: 'approval_rule',
    path: `/approvalRules/${index}`,
    words: `The rule "${title}"`,
    ruleId,
    capability,
  };
}

function entryDifferences<T extends object>(
  subject: Subject,
  path: string,
  before: readonly T[],
  after: readonly T[],
  id: keyof T & string,
  effects: { added: 'widens' | 'narrows'; removed: 'widens' | 'narrows' },
): PolicyDifference[] {
  const nameOf = (item: T): string => String(item[id]);
  const old = numbered(before, nameOf);
  const now = numbered(after, nameOf);
  const place = (item: T, index: number): Place => ({
    subject,
    path: `${path}/${index}`,
    words: `${subject === 'mcp_server' ? 'The server' : 'The redaction rule'} "${nameOf(item)}"`,
  });
  const differences: PolicyDifference[] = [];
  for (const [key, { item, index }] of now) {
    const previous = old.get(key)?.item;
    if (previous === undefined) differences.push(whole(place(item, index), 'added', effects.added, item));
    else if (!same(previous, item))
      differences.push({ ...whole(place(item, index), 'changed', 'mixed', item), before: previous });
  }
  for (const [key, { item, index }] of old)
    if (!now.has(key)) differences.push(whole(place(item, index), 'removed', effects.removed, item));
  return differences;
}

function fieldDifferences(
  place: Place,
  rules: Readonly<Record<string, FieldRule>>,
  before: object,
  after: object,
): PolicyDifference[] {
  const old = before as Record<string, unknown>;
  const now = after as Record<string, unknown>;
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((field): PolicyDifference[] => {
    // A field without a rule of its own is one whose meaning depends on others.
    const change = (rules[field] ?? always('mixed'))(old[field], now[field]);
    if (change === undefined) return [];
    const { words, ...facts } = place;
    const kind = old[field] === undefined ? 'added' : now[field] === undefined ? 'removed' : 'changed';
    return [
      {
        kind,
        ...facts,
        path: kind === 'removed' ? place.path : `${place.path}/${field}`,
        field,
        ...change,
        ...(old[field] === undefined ? {} : { before: old[field] }),
        ...(now[field] === undefined ? {} : { after: now[field] }),
        sentence: fieldSentence(words, field, old[field], now[field], change),
      },
    ];
  });
}

function whole(
  { words, ...place }: Place,
  kind: PolicyDifference['kind'],
  effect: PolicyDifference['effect'],
  value: object,
): PolicyDifference {
  return {
    kind,
    ...place,
    effect,
    ...(kind === 'removed' ? { before: value } : { after: value }),
    sentence: `${words} is ${kind}.`.slice(0, 1000),
  };
}

function fieldSentence(
  words: string,
  field: string,
  before: unknown,
  after: unknown,
  { addedEntries = [], removedEntries = [] }: { addedEntries?: string[]; removedEntries?: string[] },
): string {
  const parts = [
    ...(addedEntries.length === 0 ? [] : [`gains ${listed(addedEntries)}`]),
    ...(removedEntries.length === 0 ? [] : [`loses ${listed(removedEntries)}`]),
  ];
  if (parts.length > 0) return `${words}: ${field} ${parts.join(' and ')}.`.slice(0, 1000);
  if (field === 'examples') return `${words}: its examples changed.`;
  return `${words}: ${field} goes from ${shown(before)} to ${shown(after)}.`.slice(0, 1000);
}

function listed(entries: readonly string[]): string {
  const first = entries.slice(0, 5).map((entry) => `"${entry.slice(0, 80)}"`);
  return `${first.join(', ')}${entries.length > 5 ? ` and ${entries.length - 5} more` : ''}`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/** Entries by name and occurrence, so that two grants of one capability stay apart. */
function numbered<T>(items: readonly T[], nameOf: (item: T) => string): Map<string, { item: T; index: number }> {
  const counts = new Map<string, number>();
  return new Map(
    items.map((item, index) => {
      const name = nameOf(item);
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return [`${name}#${count}`, { item, index }];
    }),
  );
}

function pick(content: PolicyContent, fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(content).filter(([key]) => key in fields));
}
