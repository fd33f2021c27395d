/**
 * Every reason code a decision can carry, with its meaning in one sentence.
 * Codes are part of the contract: clients may switch on them, so a code never changes its meaning.
 */
export const reasonMeanings = {
  ALLOWED_BY_CAPABILITY: 'A capability of the policy allows the action and no rule asks for approval.',
  POLICY_ABSENT: 'There is no policy, so nothing runs.',
  POLICY_INVALID: 'The policy could not be verified or understood, so nothing runs.',
  POLICY_EXPIRED: 'The policy has expired.',
  POLICY_GRACE_READS_ONLY: 'The policy has expired and is in its offline grace period, where only reads are allowed.',
  KILL_SWITCH_ACTIVE: 'An admin has stopped every action that reaches outside the project.',
  UNKNOWN_TOOL: 'No tool of this name exists.',
  ARGUMENTS_INVALID: 'The arguments of the tool call are missing or have the wrong type.',
  CAPABILITY_NOT_GRANTED: 'The policy does not grant the capability that the tool needs.',
  CAPABILITY_REQUIRES_APPROVAL: 'The capability is granted with approval only.',
  APPROVAL_RULE: 'An approval rule of the policy matches the action.',
  DENIED_BY_RULE: 'A rule of the policy denies the action.',
  ZONE_REQUIRES_APPROVAL: 'The zone of the action asks for approval.',
  APPROVAL_MODE_ALWAYS: 'The task asks before every side effect.',
  APPROVAL_REQUIRED: 'The action needs an approval, and the task runs without anybody to ask.',
  NETWORK_OFF_FOR_TASK: 'The task was started with the network off.',
  PATH_INVALID: 'The path is refused because it cannot be resolved to one place.',
  PATH_BLOCKED: 'The policy blocks the path.',
  PATH_NOT_ALLOWED: 'No list of the policy names the path.',
  PATH_LEADS_OUTSIDE: 'The path looks allowed, but a link leads to a place that is not.',
  PATH_UNCERTAIN: 'It cannot be known which paths are meant.',
  FILE_TOO_LARGE: 'The content is larger than the policy allows.',
  COMMAND_BLOCKED: 'The policy blocks the command.',
  COMMAND_NOT_LISTED: 'No list of the policy names the command.',
  COMMAND_UNPARSEABLE: 'The command is not complete, valid shell text.',
  COMMAND_TOO_COMPLEX: 'The command is too long or too deeply nested to be judged.',
  COMMAND_DYNAMIC: 'Part of the command is only known when it runs.',
  COMMAND_INLINE_CODE: 'The command hands code to an interpreter.',
  COMMAND_RUNS_PROGRAM: 'An argument makes the program run another program.',
  COMMAND_ARGUMENT_UNCERTAIN:
    'An argument makes the program read, write, load or reach something that the policy cannot judge.',
  COMMAND_CHANGES_ENVIRONMENT: 'The command sets a variable that can change what programs do.',
  COMMAND_HIDDEN_CHARACTERS: 'The command contains characters that cannot be seen.',
  COMMAND_SHELL_UNCERTAIN: 'Shells read this text in different ways.',
  CWD_NOT_ALLOWED: 'The working directory is outside the folders that the policy allows.',
  FOLDER_NOT_TRUSTED:
    'The person has not trusted the project folder, and the command may run what the folder contains.',
  NO_SANDBOX: 'Commands can not be walled in on this machine.',
  URL_INVALID: 'The address is not a plain http or https URL.',
  SCHEME_NOT_ALLOWED: 'The policy does not allow this URL scheme.',
  HOST_NOT_ALLOWED: 'No list of the policy names the host.',
  PORT_NOT_ALLOWED: 'The host is listed, but not with this port.',
  PRIVATE_ADDRESS: 'The host is a private, loopback, link-local or metadata address that the policy does not list.',
  HEADER_NOT_ALLOWED: 'The request sets a header that changes where it goes.',
  TOOL_NOT_LISTED: 'No list of the policy names the remote tool.',
  MODEL_NOT_ALLOWED: 'The policy does not allow the model.',
  AFTER_UNTRUSTED_CONTENT: 'The policy is stricter once untrusted content was read in the session.',
  AFTER_SECRET_CONTENT: 'The policy is stricter once secret content was read in the session.',
  OUTSIDE_GRANT: 'The grant that the work was handed does not cover the action.',
  GRANT_EXPIRED: 'The grant that the work was handed has expired.',
} as const;

/** One of the codes in {@link reasonMeanings}. */
export type ReasonCode = keyof typeof reasonMeanings;

/** All reason codes, in the order of their documentation. */
export const reasonCodes: readonly ReasonCode[] = Object.keys(reasonMeanings) as ReasonCode[];
