import { checkVariable } from './environment.ts';
import { parseOptions } from './options.ts';
import { bind, forgetVariables } from './variables.ts';
import { addCommand, addEffect, addProblem, dynamicWords, type Problem, type Token, type Walk } from './report.ts';

type Covered = { readonly coveredBy?: number };

const builtins = new Set([
  'export',
  'declare',
  'typeset',
  'local',
  'readonly',
  'unset',
  'read',
  'mapfile',
  'readarray',
  'let',
  'getopts',
  'alias',
  'unalias',
  'shopt',
  'set',
  'source',
  '.',
  'trap',
  'hash',
  'enable',
  'bind',
  'complete',
  'compgen',
  'compopt',
  'pushd',
  'popd',
  'dirs',
  'fc',
  'history',
  'ulimit',
  'umask',
  'coproc',
  'caller',
  'disown',
  'suspend',
  'logout',
]);
const harmlessSet = /^[-+](?:[euxfnvC]+|o)$|^pipefail$|^(?:errexit|nounset|noclobber|noglob|xtrace)$|^[-+][eux]+o$/;

/** Whether the shell itself does the command and it changes how later ones are read. */
export function isBuiltin(name: string): boolean {
  return builtins.has(name);
}

/** Records a shell builtin. */
export function inspectBuiltin(name: string, tokens: readonly Token[], walk: Walk, covered: Covered): void {
  const args = tokens.slice(1);
  const problems: Problem[] = [...dynamicWords(tokens)];
  switch (name) {
    case 'export':
    case 'declare':
    case 'typeset':
    case 'local':
    case 'readonly':
      for (const token of args) {
        if (token.value.startsWith('-')) {
          if (!/^-[xrgp]+$/.test(token.value)) problems.push(uncertain(name));
        } else {
          const at = token.value.indexOf('=');
          const variable = at < 0 ? token.value : token.value.slice(0, at);
          checkVariable(variable, walk, name === 'local', at < 0 ? undefined : token.value.slice(at + 1));
          bind(walk, variable.replace(/\+$/, ''), unknownValue);
        }
      }
      addCommand(walk, { tokens, listing: problems.length === 0 ? 'neutral' : 'required', problems, ...covered });
      return;
    case 'set':
      if (args.length === 0 || !args.every((token) => harmlessSet.test(token.value))) problems.push(uncertain(name));
      addCommand(walk, { tokens, listing: problems.length === 0 ? 'neutral' : 'required', problems, ...covered });
      return;
    case 'read':
      forgetVariables(walk);
      if (!isPlainRead(args, walk)) problems.push(uncertain(name));
      addCommand(walk, { tokens, listing: problems.length === 0 ? 'neutral' : 'required', problems, ...covered });
      return;
    case 'source':
    case '.': {
      const [script] = args;
      forgetVariables(walk);
      if (script !== undefined)
        addEffect(walk, { capability: 'File.Read', token: script, mode: 'operand', program: name });
      addCommand(walk, {
        tokens,
        listing: 'required',
        problems: [
          ...problems,
          { code: 'COMMAND_INLINE_CODE', subject: `${name} ${script?.value ?? ''}`, exactEntryLifts: true },
        ],
        ...(script === undefined ? {} : { scriptAt: tokens.indexOf(script) }),
        ...covered,
      });
      return;
    }
    case 'trap': {
      const [script] = args;
      forgetVariables(walk);
      if (script?.known && script.value !== '-' && !script.value.startsWith('-')) walk.runText(script.value);
      addCommand(walk, { tokens, listing: 'transparent', problems, ...covered });
      return;
    }
    case 'umask':
    case 'ulimit':
      addCommand(walk, { tokens, listing: 'required', problems, ...covered });
      return;
    default:
      forgetVariables(walk);
      addCommand(walk, { tokens, listing: 'required', problems: [...problems, uncertain(name)], ...covered });
      if (name === 'pushd' || name === 'popd') addProblem(walk, { code: 'PATH_UNCERTAIN', subject: name });
  }
}

const unknownValue: Token = { value: '', known: false, glob: false };

/** `read -r line`: it fills variables of the script with what it reads, and nothing else. */
function isPlainRead(args: readonly Token[], walk: Walk): boolean {
  const { options, operands } = parseOptions(args, 0, { valueShort: 'adinNptu' });
  if (!operands.every((token) => token.known && /^[A-Za-z_]\w*$/.test(token.value))) return false;
  for (const token of operands) checkVariable(token.value, walk, true);
  return options.every((option) => 'rspntNd'.includes(option.name));
}

function uncertain(name: string): Problem {
  return { code: 'COMMAND_SHELL_UNCERTAIN', subject: name };
}

/** Follows `cd`: where it leads is judged as a place to work in, and later relative paths start there. */
export function changeFolder(tokens: readonly Token[], walk: Walk, covered: Covered): void {
  const [, folder, ...more] = tokens;
  const target = folder ?? { value: walk.facts.homeDir ?? '~', known: walk.facts.homeDir !== undefined, glob: false };
  const problems: Problem[] = [...dynamicWords(tokens)];
  const odd = more.length > 0 || !target.known || target.glob || target.value === '' || target.value.startsWith('-');
  if (odd || walk.repeated || walk.functions.has('cd')) {
    walk.folders = [];
    addProblem(walk, {
      code: 'PATH_UNCERTAIN',
      subject: tokens
        .map((token) => token.value)
        .join(' ')
        .slice(0, 200),
    });
  } else {
    addEffect(walk, { capability: 'File.Read', token: target, mode: 'folder', program: 'cd' });
    walk.folders = walk.folders.map((base) =>
      target.value.startsWith('/') ? target.value : `${base}/${target.value}`,
    );
  }
  addCommand(walk, { tokens, listing: 'neutral', problems, readOnly: true, ...covered });
}
