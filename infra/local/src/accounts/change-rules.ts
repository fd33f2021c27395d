import type { AccountRules } from '../identity-provider/account-rules.ts';

const actions = ['disable', 'enable', 'end-sign-ins'] as const;

/** What an operator can do with an account. */
export type AccountAction = (typeof actions)[number];

/** True for the name of an action. */
export function isAccountAction(value: string): value is AccountAction {
  return (actions as readonly string[]).includes(value);
}

/**
 * The rules after an action, and the sentence that says what it means. Whoever is enabled again signs in anew: what was
 * issued before stays refused.
 */
export function changeRules(
  rules: AccountRules,
  action: AccountAction,
  name: string,
  nowMs: number,
): { readonly rules: AccountRules; readonly sentence: string } {
  const others = rules.disabled.filter((other) => other !== name);
  const endedUntil = { ...rules.endedUntil, [name]: Math.floor(nowMs / 1000) };
  switch (action) {
    case 'disable':
      return {
        rules: { disabled: [...others, name], endedUntil },
        sentence: `${name} can no longer sign in, and what is running for ${name} stops within a minute.`,
      };
    case 'enable':
      return { rules: { disabled: others, endedUntil }, sentence: `${name} can sign in again.` };
    case 'end-sign-ins':
      return {
        rules: { disabled: rules.disabled, endedUntil },
        sentence: `Every sign-in of ${name} so far ends within a minute; ${name} can sign in anew.`,
      };
  }
}
