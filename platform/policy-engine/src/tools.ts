import type { CapabilityName } from '@steward/contracts';

interface ToolTraits {
  readonly capability: CapabilityName;
  readonly sideEffect: boolean;
  readonly reversible: boolean;
}

const read: ToolTraits = { capability: 'File.Read', sideEffect: false, reversible: true };
const write: ToolTraits = { capability: 'File.Write', sideEffect: true, reversible: true };
const remote: ToolTraits = { capability: 'BackendTool.Invoke', sideEffect: true, reversible: false };

const builtInTools: ReadonlyMap<string, ToolTraits> = new Map([
  ['ReadFile', read],
  ['ListDirectory', read],
  ['FindFiles', read],
  ['SearchText', read],
  ['WriteFile', write],
  ['EditFile', write],
  ['DeleteFile', { capability: 'File.Delete', sideEffect: true, reversible: true }],
  ['RunCommand', { capability: 'Shell.Exec', sideEffect: true, reversible: false }],
  ['HttpRequest', { capability: 'Network.Http', sideEffect: true, reversible: false }],
  ['UploadArtifact', { capability: 'Workspace.Upload', sideEffect: true, reversible: false }],
  ['LLM.Call', { capability: 'LLM.Call', sideEffect: false, reversible: true }],
]);

function traitsOf(toolName: unknown): ToolTraits | undefined {
  if (typeof toolName !== 'string') return undefined;
  const builtIn = builtInTools.get(toolName);
  if (builtIn !== undefined) return builtIn;
  return isRemoteToolName(toolName) ? remote : undefined;
}

function isRemoteToolName(toolName: string): boolean {
  const slash = toolName.indexOf('/');
  return slash > 0 && slash < toolName.length - 1 && toolName.length <= 200;
}

/** The capability a tool needs; undefined for a tool that does not exist. `server/tool` is a remote tool. */
export function capabilityOf(toolName: string): CapabilityName | undefined {
  return traitsOf(toolName)?.capability;
}

/** Whether a tool can change anything outside the conversation. A tool that does not exist counts as one that can. */
export function isSideEffect(toolName: string): boolean {
  return traitsOf(toolName)?.sideEffect ?? true;
}

/** Whether what a tool did can be undone by Steward alone. Reads have nothing to undo and count as reversible. */
export function isReversible(toolName: string): boolean {
  return traitsOf(toolName)?.reversible ?? false;
}
