import type { Finding, Level } from './findings.ts';

interface Explanation {
  readonly explanation: string;
  readonly remedy: string;
}

const askAdmin = 'Ask an admin to change the policy';

/** Says in plain sentences why a decision came out as it did, and what would have to change. */
export function explain(level: Level, finding: Finding, policyName: string): Explanation {
  const policy = `The policy *${clean(policyName, 100) || 'without a name'}*`;
  const thing = `\`${clean(finding.subject ?? '', 200)}\``;
  const sentence = sentenceFor(finding, policy, thing, level);
  if (level === 'require_approval')
    return {
      explanation: sentence.explanation,
      remedy: sentence.askRemedy ?? 'Approve the action, or deny it and say what to do instead.',
    };
  return { explanation: sentence.explanation, remedy: level === 'allow' ? 'Nothing has to change.' : sentence.remedy };
}

interface Sentence {
  readonly explanation: string;
  readonly remedy: string;
  readonly askRemedy?: string;
}

function sentenceFor(finding: Finding, policy: string, thing: string, level: Level): Sentence {
  const admin = `${askAdmin}.`;
  const ways: Record<string, string> = { 'File.Read': 'reading', 'File.Write': 'changing', 'File.Delete': 'deleting' };
  const doing = ways[finding.capability ?? ''] ?? 'using';
  const title = finding.rule === undefined ? '' : clean(finding.rule.title, 200);
  const detail = clean(finding.detail ?? '', 300);
  switch (finding.code) {
    case 'ALLOWED_BY_CAPABILITY':
      return {
        explanation: `${policy} allows this (${finding.capability ?? 'capability'}).`,
        remedy: 'Nothing has to change.',
      };
    case 'POLICY_ABSENT':
      return {
        explanation: 'There is no policy for this conversation, so nothing runs.',
        remedy: 'Start the conversation again to fetch a policy.',
      };
    case 'POLICY_INVALID':
      return {
        explanation: `The policy of this conversation can't be used, so nothing runs${detail === '' ? '' : `: ${detail}`}.`,
        remedy: 'Ask an admin to check the policy, then start again.',
      };
    case 'POLICY_EXPIRED':
      return { explanation: `${policy} has expired.`, remedy: 'Resume the conversation to fetch a fresh policy.' };
    case 'POLICY_GRACE_READS_ONLY':
      return {
        explanation: `${policy} has expired and no fresh one could be fetched yet, so only reads are allowed.`,
        remedy: 'Connect to the Policy Service, then try again.',
      };
    case 'KILL_SWITCH_ACTIVE':
      return {
        explanation: 'An admin has stopped every action that reaches outside the project.',
        remedy: 'Wait until an admin releases the kill switch.',
      };
    case 'UNKNOWN_TOOL':
      return { explanation: `There is no tool ${thing}.`, remedy: 'Use one of the listed tools.' };
    case 'ARGUMENTS_INVALID':
      return {
        explanation: `The arguments of ${thing} are not valid: ${detail}.`,
        remedy: 'Correct the arguments and call the tool again.',
      };
    case 'CAPABILITY_NOT_GRANTED':
      return {
        explanation: `${policy} does not grant ${finding.capability ?? 'this capability'}.`,
        remedy: `${askAdmin}, or do it in another way.`,
      };
    case 'CAPABILITY_REQUIRES_APPROVAL':
      return {
        explanation: `${policy} asks before every use of ${finding.capability ?? 'this capability'}.`,
        remedy: admin,
      };
    case 'APPROVAL_RULE':
      return { explanation: `${policy} asks here by its rule "${title}".`, remedy: admin };
    case 'DENIED_BY_RULE':
      return {
        explanation: `${policy} does not allow this by its rule "${title}".`,
        remedy: `${askAdmin}, or do it in another way.`,
      };
    case 'ZONE_REQUIRES_APPROVAL':
      return finding.zone === 'high_stakes'
        ? {
            explanation: `${policy} treats this as a high-stakes action, which an approver has to confirm.`,
            remedy: admin,
            askRemedy: 'Someone with the role approver, other than the person of this conversation, decides.',
          }
        : { explanation: `${policy} asks before actions of high risk.`, remedy: admin };
    case 'APPROVAL_MODE_ALWAYS':
      return {
        explanation: 'This task asks before every side effect.',
        remedy: 'Start the task with another approval mode.',
      };
    case 'APPROVAL_REQUIRED':
      return {
        explanation: `This action needs an approval, and the task runs without asking anybody.`,
        remedy: 'Run the task with approvals on, or ask an admin to allow the action.',
      };
    case 'NETWORK_OFF_FOR_TASK':
      return {
        explanation: `This task was started with the network off, so ${thing} is not used.`,
        remedy: 'Start the task with the network on.',
      };
    case 'PATH_INVALID':
      return {
        explanation: `The path ${thing} is refused${detail === '' ? '' : ` because ${detail}`}.`,
        remedy: 'Use a plain path inside the project folder.',
      };
    case 'PATH_BLOCKED':
      return { explanation: `${policy} blocks ${doing} ${thing}.`, remedy: `${askAdmin}, or work with other files.` };
    case 'PATH_NOT_ALLOWED':
      return {
        explanation: `${policy} does not list ${thing} for ${doing}.`,
        remedy: `${askAdmin}, or stay inside the project folder.`,
      };
    case 'PATH_LEADS_OUTSIDE':
      return {
        explanation: `The path ${thing} is a link that leads outside the folders that the policy allows.`,
        remedy: 'Use the real path, or replace the link.',
      };
    case 'PATH_UNCERTAIN':
      return {
        explanation: `It can't be known beforehand which files ${thing} means.`,
        remedy: 'Name the files one by one.',
      };
    case 'FILE_TOO_LARGE':
      return {
        explanation: `The content is larger than ${policy.replace('The', 'the')} allows${detail === '' ? '' : ` (${detail})`}.`,
        remedy: 'Split the content, or ask an admin for a higher limit.',
      };
    case 'COMMAND_BLOCKED':
      return { explanation: `${policy} blocks ${thing}.`, remedy: 'Ask an admin, or use one of the built-in tools.' };
    case 'COMMAND_NOT_LISTED':
      return {
        explanation:
          level === 'deny'
            ? `${policy} does not allow ${thing}.`
            : `${policy} does not list ${thing}, so it asks first.`,
        remedy:
          thing === '`curl`' || thing === '`wget`'
            ? 'Ask an admin, or use the built-in request tool.'
            : 'Ask an admin, or use one of the built-in tools.',
        askRemedy: 'Approve the command once you have read it, or ask an admin to list it.',
      };
    case 'COMMAND_UNPARSEABLE':
      return {
        explanation: 'The command is not complete, valid shell text.',
        remedy: 'Write the command out in full.',
      };
    case 'COMMAND_TOO_COMPLEX':
      return {
        explanation: 'The command is too long or too deeply nested to be judged.',
        remedy: 'Split the command into smaller ones.',
      };
    case 'COMMAND_DYNAMIC':
      return {
        explanation: `${thing} is only known when the command runs.`,
        remedy: 'Write the value out instead of computing it.',
      };
    case 'COMMAND_INLINE_CODE':
      return {
        explanation: `The command hands code to an interpreter (${thing}).`,
        remedy: 'Put the code in a file of the project and run the file.',
      };
    case 'COMMAND_RUNS_PROGRAM':
      return { explanation: `${thing} can start another program or write files.`, remedy: 'Leave the option out.' };
    case 'COMMAND_ARGUMENT_UNCERTAIN':
      return {
        explanation: `${thing} can reach something that the policy can't judge.`,
        remedy: 'Leave the option out.',
      };
    case 'COMMAND_CHANGES_ENVIRONMENT':
      return {
        explanation: `The command sets the variable ${thing}, which can change what programs do.`,
        remedy: 'Leave the variable out.',
      };
    case 'COMMAND_HIDDEN_CHARACTERS':
      return {
        explanation: 'The command contains characters that cannot be seen.',
        remedy: 'Write the command with visible characters only.',
      };
    case 'COMMAND_SHELL_UNCERTAIN':
      return { explanation: `Shells read ${thing} in different ways.`, remedy: 'Use plain words.' };
    case 'CWD_NOT_ALLOWED':
      return {
        explanation: `The folder ${thing} is outside the folders that the policy allows to work in.`,
        remedy: 'Work inside the project folder.',
      };
    case 'FOLDER_NOT_TRUSTED':
      return {
        explanation: `The project folder is not trusted yet, and ${thing} may run what it contains.`,
        remedy: 'Trust the folder first.',
      };
    case 'NO_SANDBOX':
      return {
        explanation:
          'Commands can not be walled in on this machine, so they would run with all the rights of the person.',
        remedy: 'Install what walls commands in, such as bubblewrap on Linux.',
      };
    case 'URL_INVALID':
      return {
        explanation: `The address ${thing} is refused because ${detail === '' ? 'it is not valid' : detail}.`,
        remedy: 'Use a plain http or https address.',
      };
    case 'SCHEME_NOT_ALLOWED':
      return { explanation: `${policy} does not allow ${thing} addresses.`, remedy: 'Use https, or ask an admin.' };
    case 'HOST_NOT_ALLOWED':
      return { explanation: `${policy} does not list the host ${thing}.`, remedy: `${askAdmin}.` };
    case 'PORT_NOT_ALLOWED':
      return {
        explanation: `${policy} lists the host, but not as ${thing}.`,
        remedy: 'Use the standard port, or ask an admin to list this one.',
      };
    case 'PRIVATE_ADDRESS':
      return {
        explanation: `${thing} is an address inside a machine or network, which the policy does not list.`,
        remedy: 'Ask an admin to list the exact address.',
      };
    case 'HEADER_NOT_ALLOWED':
      return { explanation: `The header ${thing} changes where the request goes.`, remedy: 'Leave the header out.' };
    case 'TOOL_NOT_LISTED':
      return { explanation: `${policy} does not list the remote tool ${thing}.`, remedy: admin };
    case 'AFTER_UNTRUSTED_CONTENT':
      return {
        explanation: `${policy} is stricter here, since content from outside was read in this conversation.`,
        remedy: 'Do it in a new conversation that has not read such content, or ask an admin.',
      };
    case 'AFTER_SECRET_CONTENT':
      return {
        explanation: `${policy} is stricter here, since secret content was read in this conversation.`,
        remedy: 'Do it in a new conversation that has not read secrets, or ask an admin.',
      };
    case 'OUTSIDE_GRANT':
      return {
        explanation: 'The grant that this work was handed does not cover it.',
        remedy: 'Do it in the session itself, or ask for a grant that covers it.',
      };
    case 'GRANT_EXPIRED':
      return {
        explanation: 'The grant that this work was handed has expired.',
        remedy: 'Ask the session for a new grant.',
      };
    case 'MODEL_NOT_ALLOWED':
      return {
        explanation: `${policy} does not allow the model ${thing}.`,
        remedy: 'Choose a listed model, or ask an admin.',
      };
  }
}

// A sentence must not carry what a terminal or screen would obey
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff`]|\p{Surrogate}/gu;

function clean(text: string, length: number): string {
  const visible = text.slice(0, length * 2).replace(unprintable, '\ufffd');
  return visible.length > length ? `${visible.slice(0, length - 1)}…` : visible;
}
