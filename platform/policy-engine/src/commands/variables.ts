import { forEachChild } from 'unbash';
import type { SyntaxNode } from 'unbash';
import type { Token, Walk } from './report.ts';

/** Values of script variables that are certain at one point of the text. */
export type Variables = ReadonlyMap<string, Token>;

const none: Variables = new Map();

/** From here on the variable holds the value; a value that is only known at run time makes it unknown. */
export function bind(walk: Walk, name: string, value: Token): void {
  const next = new Map(walk.variables);
  if (value.known && value.value.length <= 4096 && next.size < 50) next.set(name, value);
  else next.delete(name);
  walk.variables = next;
}

/** Nothing is known of any variable any more. */
export function forgetVariables(walk: Walk): void {
  walk.variables = none;
}

/** What is certain whether or not the part between `before` and `after` ran. */
export function commonVariables(before: Variables, after: Variables): Variables {
  if (before === after) return before;
  return new Map([...before].filter(([name, token]) => after.get(name) === token));
}

/** Commands that can set any variable by name. */
const setters = new Set(
  'read mapfile readarray printf getopts let unset declare typeset local export readonly eval source . trap alias'.split(
    ' ',
  ),
);

/** Forgets what a loop or function may set anew, before its text is walked: text order is not run order there. */
export function forgetSetWithin(walk: Walk, body: SyntaxNode): void {
  if (walk.variables.size === 0) return;
  const set = new Set<string>();
  const pending: SyntaxNode[] = [body];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.type === 'Assignment') set.add(node.name);
    else if (node.type === 'For' || node.type === 'Select') set.add(node.name.value);
    else if (node.type === 'ParameterExpansion' || node.type.startsWith('Arithmetic')) {
      // An expansion may assign (`${x:=y}`), and arithmetic may, too.
      const name = 'name' in node && typeof node.name === 'string' ? node.name : undefined;
      if (name === undefined) return forgetVariables(walk);
      if ('operation' in node && node.operation !== undefined) set.add(name);
    } else if (node.type === 'Command') {
      const program = node.name?.value ?? '';
      if (
        setters.has(program) ||
        walk.functions.has(program) ||
        (node.name?.parts ?? []).some((part) => part.type !== 'Literal')
      )
        return forgetVariables(walk);
    } else if (node.type === 'Function') return forgetVariables(walk);
    forEachChild(node, (child) => {
      pending.push(child);
    });
  }
  walk.variables = new Map([...walk.variables].filter(([name]) => !set.has(name)));
}
