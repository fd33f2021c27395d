import type { ApprovalRule, Capability, PolicyContent } from '@steward/contracts';

/** The lists of a capability that an admin edits as entries. */
export type CapabilityList = Extract<
  keyof Capability,
  | 'allowedPaths'
  | 'blockedPaths'
  | 'allowedCommands'
  | 'blockedCommands'
  | 'allowedDomains'
  | 'allowedToolNames'
  | 'allowedModels'
>;

const listsOfCapability: Readonly<Record<Capability['name'], readonly CapabilityList[]>> = {
  'File.Read': ['allowedPaths', 'blockedPaths'],
  'File.Write': ['allowedPaths', 'blockedPaths'],
  'File.Delete': ['allowedPaths', 'blockedPaths'],
  'Shell.Exec': ['allowedCommands', 'blockedCommands'],
  'Network.Http': ['allowedDomains'],
  'Workspace.Upload': [],
  'BackendTool.Invoke': ['allowedToolNames'],
  'LLM.Call': ['allowedModels'],
};

/** The lists that matter for a capability, in the order of the form. */
export function listsOf(capability: Capability): readonly CapabilityList[] {
  return listsOfCapability[capability.name];
}

/** The content with one capability replaced. */
export function withCapability(content: PolicyContent, index: number, capability: Capability): PolicyContent {
  return { ...content, capabilities: content.capabilities.map((old, at) => (at === index ? capability : old)) };
}

/** The content with one rule replaced, or removed when none is given. */
export function withRule(content: PolicyContent, index: number, rule: ApprovalRule | null): PolicyContent {
  const approvalRules = content.approvalRules.flatMap((old, at) => (at !== index ? [old] : rule ? [rule] : []));
  return { ...content, approvalRules };
}

/** The content with a new rule at the end; its id is the first free one. */
export function withNewRule(content: PolicyContent): PolicyContent {
  const taken = new Set(content.approvalRules.map((rule) => rule.ruleId));
  let number = content.approvalRules.length + 1;
  while (taken.has(`rule-${number}`)) number += 1;
  const rule: ApprovalRule = {
    ruleId: `rule-${number}`,
    title: 'Ask first',
    capability: 'Shell.Exec',
    match: { commands: [] },
    decision: 'require_approval',
  };
  return { ...content, approvalRules: [...content.approvalRules, rule] };
}

/** The text that stands for a content: what the editor shows and what is stored. */
export function toText(content: PolicyContent): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

/**
 * The content that a text holds, as far as the form can show it; null while the text is not JSON or not of that shape.
 * Whether it is a valid policy is the Policy Service's to say.
 */
export function fromText(value: string): PolicyContent | null {
  try {
    const content = JSON.parse(value) as Partial<PolicyContent> | null;
    const shaped =
      content !== null &&
      typeof content === 'object' &&
      typeof content.name === 'string' &&
      isListOfObjects(content.capabilities) &&
      content.capabilities.every(
        (capability) => capability.name in listsOfCapability && hasOnlyTextLists(capability),
      ) &&
      isListOfObjects(content.approvalRules) &&
      content.approvalRules.every((rule) => typeof rule.ruleId === 'string' && typeof rule.title === 'string');
    return shaped ? (content as PolicyContent) : null;
  } catch {
    return null;
  }
}

function isListOfObjects(value: unknown): value is readonly Record<string, unknown>[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
}

function hasOnlyTextLists(capability: Capability): boolean {
  return listsOf(capability).every((list) => {
    const entries: unknown = capability[list];
    return entries === undefined || (Array.isArray(entries) && entries.every((entry) => typeof entry === 'string'));
  });
}
