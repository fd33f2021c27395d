import { programEnvironment } from '@steward/sdk';

/** Name of the variable by which the processes of one tool call are found again. */
export const markerName = 'STEWARD_TOOL_CALL';

/**
 * The environment of a command: an allow-list of the runtime's own, without tokens, proxies or anything that changes
 * how programs load code; made for a program that nobody can answer.
 */
export function commandEnvironment(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  marker: string,
): Record<string, string> {
  return {
    ...programEnvironment(env, platform),
    TERM: 'dumb',
    NO_COLOR: '1',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GIT_TERMINAL_PROMPT: '0',
    [markerName]: marker,
  };
}
