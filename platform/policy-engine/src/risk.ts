import type { CapabilityName, Decision } from '@steward/contracts';

/** What the risk of an action depends on. */
export interface RiskInput {
  readonly capability: CapabilityName | undefined;
  /** Some path of the action lies outside the project folder. */
  readonly outsideWorkspace: boolean;
  /** Every program is known to the policy or the engine. */
  readonly commandKnown: boolean;
  /** The command deletes files or writes outside the project. */
  readonly destructive: boolean;
}

/** How much harm an action could do; a scale for people, never a reason to allow anything. */
export function riskOf(input: RiskInput): Decision['riskLevel'] {
  switch (input.capability) {
    case 'File.Read':
    case 'Workspace.Upload':
    case 'LLM.Call':
      return 'low';
    case 'File.Write':
      return input.outsideWorkspace ? 'high' : 'medium';
    case 'Shell.Exec':
      return input.commandKnown && !input.destructive ? 'medium' : 'high';
    case 'Network.Http':
    case 'BackendTool.Invoke':
      return 'medium';
    default:
      return 'high';
  }
}
