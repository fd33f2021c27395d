import type { Decision } from '@steward/contracts';

/**
 * What an answer for "this task" or "this session" covers: the same rule about the same normalised action. It does not
 * depend on the digest, which also covers arguments that make no difference to the rule. Pure.
 */
export function grantKeyOf({ normalizedAction, ruleId }: Decision): string {
  const { capability, toolName, path, cwd, command, commands, url, host } = normalizedAction;
  const target =
    commands !== undefined && commands.length > 0
      ? commands
      : (command ?? path ?? url ?? host ?? normalizedAction.arguments ?? toolName);
  const method = capability === 'Network.Http' ? (normalizedAction.arguments?.['method'] ?? '') : '';
  // A command of many parts is granted as a whole, text included: joining the parts alone would hide how they connect.
  const given = normalizedAction['env'] ?? secretNames(normalizedAction.arguments?.['headers']);
  return JSON.stringify([
    capability,
    ruleId ?? '',
    target,
    command ?? '',
    cwd ?? '',
    method,
    ...(given === undefined ? [] : [given]),
  ]);
}

/** The secrets that headers name: an answer about a request without one says nothing about a request with one. */
function secretNames(headers: unknown): string[] | undefined {
  const names = JSON.stringify(headers ?? '').match(/secret:\/\/[a-z0-9._-]+/g);
  return names === null ? undefined : [...new Set(names)].sort();
}
