/** Reason codes of a decision in words for a person; the code itself is one click below. */
const meanings: Readonly<Record<string, string>> = {
  ALLOWED_BY_CAPABILITY: 'The policy allows it.',
  POLICY_ABSENT: 'There is no policy, so nothing runs.',
  POLICY_INVALID: 'The policy could not be verified, so nothing runs.',
  POLICY_EXPIRED: 'The policy has expired.',
  POLICY_GRACE_READS_ONLY: 'The policy has expired and only reads are allowed until it is renewed.',
  KILL_SWITCH_ACTIVE: 'An admin has stopped every action that reaches outside the project.',
  UNKNOWN_TOOL: 'No tool of this name exists.',
  ARGUMENTS_INVALID: 'The arguments of the call are not valid.',
  CAPABILITY_NOT_GRANTED: 'The policy does not grant what this tool needs.',
  CAPABILITY_REQUIRES_APPROVAL: 'The policy grants this with approval only.',
  APPROVAL_RULE: 'A rule of the policy asks for approval.',
  DENIED_BY_RULE: 'A rule of the policy denies it.',
  ZONE_REQUIRES_APPROVAL: 'Actions of this zone ask for approval.',
  APPROVAL_MODE_ALWAYS: 'You chose to be asked before every side effect.',
  APPROVAL_REQUIRED: 'It needs an approval, and this task asks nothing.',
  NETWORK_OFF_FOR_TASK: 'The network is off for this task.',
  PATH_BLOCKED: 'The policy blocks this path.',
  PATH_NOT_ALLOWED: 'The policy does not list this path.',
  PATH_LEADS_OUTSIDE: 'The path leads to a place outside what is allowed.',
  PATH_UNCERTAIN: 'It cannot be known which paths are meant.',
  FILE_TOO_LARGE: 'The content is larger than the policy allows.',
  COMMAND_BLOCKED: 'The policy blocks this command.',
  COMMAND_NOT_LISTED: 'The policy does not list this command.',
  COMMAND_UNPARSEABLE: 'The command is not complete, valid shell text.',
  COMMAND_TOO_COMPLEX: 'The command is too long or nested to be judged.',
  COMMAND_DYNAMIC: 'Part of the command is only known when it runs.',
  COMMAND_INLINE_CODE: 'The command hands code to an interpreter.',
  COMMAND_RUNS_PROGRAM: 'An argument makes the program run another program.',
  COMMAND_ARGUMENT_UNCERTAIN: 'An argument reaches something that the policy cannot judge.',
  COMMAND_CHANGES_ENVIRONMENT: 'The command changes the environment of programs.',
  COMMAND_HIDDEN_CHARACTERS: 'The command contains characters that cannot be seen.',
  COMMAND_SHELL_UNCERTAIN: 'Shells read this text in different ways.',
  CWD_NOT_ALLOWED: 'The folder is outside what the policy allows.',
  FOLDER_NOT_TRUSTED: 'The folder is not trusted yet, and the command may run what it contains.',
  NO_SANDBOX: 'Commands can not be walled in on this machine.',
  URL_INVALID: 'The address is not a plain http or https address.',
  SCHEME_NOT_ALLOWED: 'The policy does not allow this kind of address.',
  HOST_NOT_ALLOWED: 'The policy does not list this host.',
  PORT_NOT_ALLOWED: 'The host is listed, but not with this port.',
  PRIVATE_ADDRESS: 'The address is private to this machine or network.',
  HEADER_NOT_ALLOWED: 'A header changes where the request goes.',
  TOOL_NOT_LISTED: 'The policy does not list this tool.',
  MODEL_NOT_ALLOWED: 'The policy does not allow this model.',
};

/** A reason code in words; the code itself when it is not known. */
export function reasonSentence(code: string): string {
  return meanings[code] ?? code;
}

/** Several reason codes as one text. */
export function reasonSentences(codes: readonly string[]): string {
  return codes.map(reasonSentence).join(' ');
}
