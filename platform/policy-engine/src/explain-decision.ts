import type { ApprovalRule, Decision, PolicyBundle } from '@steward/contracts';
import { reasonMeanings, type ReasonCode } from './reasons.ts';

/** Who can bring about what would have to change. */
type Changer = 'model' | 'person' | 'admin' | 'approver' | 'operator' | 'nobody';

/** One reason of a decision in words. */
export interface ReasonChange {
  readonly code: string;
  readonly meaning: string;
  /** What would have to be different for this reason to go away. */
  readonly change: string;
  readonly by: Changer;
}

/** A decision in words, for a person, a model or an admin. */
export interface DecisionExplanation {
  readonly decision: Decision['decision'];
  readonly summary: string;
  readonly rule?: Pick<ApprovalRule, 'ruleId' | 'title'>;
  readonly reasons: readonly ReasonChange[];
  readonly remedy: string;
}

const edit = 'call the tool again in another way';

/** What would have to change, per reason code. A new code does not compile before it is added here. */
const changes: Readonly<Record<ReasonCode, readonly [by: Changer, change: string]>> = {
  ALLOWED_BY_CAPABILITY: ['nobody', 'Nothing has to change.'],
  POLICY_ABSENT: ['person', 'Start the conversation again, so that a policy is fetched.'],
  POLICY_INVALID: ['admin', 'Repair and publish the policy, then start the conversation again.'],
  POLICY_EXPIRED: ['person', 'Resume the conversation, so that a fresh policy is fetched.'],
  POLICY_GRACE_READS_ONLY: ['person', 'Connect to the Policy Service, so that a fresh policy is fetched.'],
  KILL_SWITCH_ACTIVE: ['admin', 'Release the kill switch.'],
  UNKNOWN_TOOL: ['model', 'Use one of the listed tools.'],
  ARGUMENTS_INVALID: ['model', 'Give the arguments that the tool describes.'],
  CAPABILITY_NOT_GRANTED: ['admin', 'Grant the capability in the policy.'],
  CAPABILITY_REQUIRES_APPROVAL: ['admin', 'Take `requiresApproval` off the capability.'],
  APPROVAL_RULE: ['admin', 'Change or remove the rule that asks.'],
  DENIED_BY_RULE: ['admin', 'Change or remove the rule that denies.'],
  ZONE_REQUIRES_APPROVAL: ['admin', 'Put the action in a zone that asks less.'],
  APPROVAL_MODE_ALWAYS: ['person', 'Start the task with an approval mode that asks on risky actions only.'],
  APPROVAL_REQUIRED: ['person', 'Start the task with approvals on, so that somebody can be asked.'],
  NETWORK_OFF_FOR_TASK: ['person', 'Start the task with the network on.'],
  PATH_INVALID: ['model', `Write the path plainly, then ${edit}.`],
  PATH_BLOCKED: ['admin', 'Take the path off `blockedPaths`; until then work with other files.'],
  PATH_NOT_ALLOWED: ['admin', 'Add the folder to `allowedPaths`, or stay inside the project folder.'],
  PATH_LEADS_OUTSIDE: ['person', 'Replace the link by the file itself, or have the place it leads to allowed.'],
  PATH_UNCERTAIN: ['model', 'Name the files one by one.'],
  FILE_TOO_LARGE: ['admin', 'Raise `maxFileSizeBytes`, or split the content.'],
  COMMAND_BLOCKED: ['admin', 'Take the command off `blockedCommands`.'],
  COMMAND_NOT_LISTED: ['admin', 'Add the command to `allowedCommands`.'],
  COMMAND_UNPARSEABLE: ['model', 'Write the command as complete, valid shell text.'],
  COMMAND_TOO_COMPLEX: ['model', 'Split the command into smaller ones.'],
  COMMAND_DYNAMIC: ['model', 'Write the value out instead of computing it.'],
  COMMAND_INLINE_CODE: ['model', 'Put the code in a file of the project and run the file.'],
  COMMAND_RUNS_PROGRAM: ['admin', 'List the command with these words in `allowedCommands`, or leave them out.'],
  COMMAND_ARGUMENT_UNCERTAIN: ['admin', 'List the command with these words in `allowedCommands`, or leave them out.'],
  COMMAND_CHANGES_ENVIRONMENT: ['model', 'Leave the variable out.'],
  COMMAND_HIDDEN_CHARACTERS: ['model', 'Write the command with visible characters only.'],
  COMMAND_SHELL_UNCERTAIN: ['model', 'Use plain words that every shell reads alike.'],
  CWD_NOT_ALLOWED: ['model', 'Work inside the project folder.'],
  FOLDER_NOT_TRUSTED: ['person', 'Trust the project folder.'],
  NO_SANDBOX: ['operator', 'Install what walls commands in, such as bubblewrap on Linux, or set `withoutSandbox`.'],
  URL_INVALID: ['model', 'Use a plain http or https address.'],
  SCHEME_NOT_ALLOWED: ['admin', 'Add the scheme to `allowedSchemes`, or use https.'],
  HOST_NOT_ALLOWED: ['admin', 'Add the host to `allowedDomains`.'],
  PORT_NOT_ALLOWED: ['admin', 'List the host with this port, or use the standard one.'],
  PRIVATE_ADDRESS: ['admin', 'List the exact private address in `allowedDomains`.'],
  HEADER_NOT_ALLOWED: ['model', 'Leave the header out.'],
  TOOL_NOT_LISTED: ['admin', 'Add the remote tool to `allowedToolNames`.'],
  MODEL_NOT_ALLOWED: ['admin', 'Add the model to the allowed models, or choose a listed one.'],
  AFTER_UNTRUSTED_CONTENT: ['person', 'Do it in a new conversation that has read no untrusted content.'],
  AFTER_SECRET_CONTENT: ['person', 'Do it in a new conversation that has read no secret content.'],
  OUTSIDE_GRANT: ['operator', 'Hand on a grant that covers the action, or do it in the session itself.'],
  GRANT_EXPIRED: ['operator', 'Hand on a grant that has not expired.'],
};

/**
 * Says of a decision which rule decided, what each reason means, and what would have to change. Pure and total; a code
 * that this version does not know keeps its name and is said to need an admin.
 */
export function explainDecision(bundle: Pick<PolicyBundle, 'approvalRules'>, decision: Decision): DecisionExplanation {
  const rule = bundle.approvalRules.find(({ ruleId }) => ruleId === decision.ruleId);
  const reasons = decision.reasonCodes.map((code): ReasonChange => {
    const known = Object.hasOwn(changes, code) ? changes[code as ReasonCode] : undefined;
    const approved = decision.decision === 'require_approval' && decision.approverRole === 'approver';
    const [by, change] = known ?? ['admin', 'Ask an admin what this reason stands for.'];
    return {
      code,
      meaning: known === undefined ? code : reasonMeanings[code as ReasonCode],
      change:
        approved && code === 'ZONE_REQUIRES_APPROVAL' ? 'Somebody with the role approver confirms the action.' : change,
      by: approved && code === 'ZONE_REQUIRES_APPROVAL' ? 'approver' : by,
    };
  });
  return {
    decision: decision.decision,
    summary: decision.explanation ?? reasons[0]?.meaning ?? '',
    ...(rule === undefined ? {} : { rule: { ruleId: rule.ruleId, title: rule.title } }),
    reasons,
    remedy: decision.remedy ?? reasons[0]?.change ?? '',
  };
}
