import type { PolicyBundle } from '@steward/contracts';

/**
 * Whether a value has the shape of a bundle, down to each entry, so that judging it can't fail. Returns what is wrong
 * as part of a sentence, undefined when nothing is. One bad entry makes the whole bundle unusable: dropping it
 * silently could drop a block.
 */
export function bundleProblem(bundle: unknown): string | undefined {
  if (!isRecord(bundle)) return 'it is not an object';
  if (!isList(bundle['capabilities'], isCapability)) return 'a capability is not valid';
  if (!isList(bundle['approvalRules'], isRule)) return 'an approval rule is not valid';
  if (!isZone(bundle['zone'])) return 'its zone is not valid';
  if (!isRecord(bundle['llmPolicy']) || !isStrings(bundle['llmPolicy']['allowedModels']))
    return 'its model policy is not valid';
  if (bundle['afterReading'] !== undefined && !isList(bundle['afterReading'], isAfterReading))
    return 'a rule for after reading is not valid';
  if (bundle['killSwitch'] !== undefined && typeof bundle['killSwitch'] !== 'boolean')
    return 'its kill switch is not valid';
  return undefined;
}

/** Narrows a value that {@link bundleProblem} found nothing wrong with. */
export function asBundle(bundle: unknown): PolicyBundle {
  return bundle as PolicyBundle;
}

const capabilityNames = new Set([
  'File.Read',
  'File.Write',
  'File.Delete',
  'Shell.Exec',
  'Network.Http',
  'Workspace.Upload',
  'BackendTool.Invoke',
  'LLM.Call',
]);
const lists = [
  'allowedPaths',
  'blockedPaths',
  'allowedCommands',
  'blockedCommands',
  'allowedDomains',
  'allowedSchemes',
  'allowedToolNames',
  'readOnlyToolNames',
  'allowedModels',
];

/** Whether a name is one of the capabilities. */
export function isCapabilityName(name: unknown): boolean {
  return typeof name === 'string' && capabilityNames.has(name);
}

function isCapability(value: unknown): boolean {
  if (!isRecord(value) || !isCapabilityName(value['name'])) return false;
  if (typeof value['requiresApproval'] !== 'boolean') return false;
  if (!lists.every((list) => value[list] === undefined || isStrings(value[list]))) return false;
  if (value['zone'] !== undefined && !isZone(value['zone'])) return false;
  return isRefusal(value['unlisted']) && isRefusal(value['withoutSandbox']);
}

function isRefusal(value: unknown): boolean {
  return value === undefined || value === 'deny' || value === 'require_approval';
}

function isAfterReading(value: unknown): boolean {
  return (
    isRecord(value) &&
    (value['trust'] === 'untrusted' || value['trust'] === 'secret') &&
    (value['action'] === 'egress' || value['action'] === 'outside_write') &&
    (value['decision'] === 'require_approval' || value['decision'] === 'deny')
  );
}

const matchLists = ['commands', 'paths', 'domains', 'toolNames'];

function isRule(value: unknown): boolean {
  if (!isRecord(value) || typeof value['ruleId'] !== 'string' || typeof value['title'] !== 'string') return false;
  if (!isCapabilityName(value['capability'])) return false;
  if (value['decision'] !== 'require_approval' && value['decision'] !== 'deny') return false;
  if (value['zone'] !== undefined && !isZone(value['zone'])) return false;
  if (value['allowedScopes'] !== undefined && !isStrings(value['allowedScopes'])) return false;
  const match = value['match'];
  if (match === undefined) return true;
  return isRecord(match) && matchLists.every((list) => match[list] === undefined || isStrings(match[list]));
}

function isZone(value: unknown): boolean {
  return value === 'sandbox' || value === 'supervised' || value === 'high_stakes';
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isList(value: unknown, each: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(each);
}

/** Whether a value is an object with members. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
