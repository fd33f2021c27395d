import { addCommand, addProblem, plain, type Walk } from './report.ts';

const plainText = /^[A-Za-z0-9_.\\/:+-]+(?: [A-Za-z0-9_.\\/:=+-]+)*$/;

/**
 * cmd and PowerShell read text in ways that no list of words captures, so everything but plain words between single
 * spaces is uncertain. The words are still compared with the block-list.
 */
export function analyseWindowsCommand(command: string, walk: Walk): void {
  if (command.length > 32_768) return addProblem(walk, { code: 'COMMAND_TOO_COMPLEX', subject: 'the command' });
  const isPlain = plainText.test(command);
  if (!isPlain) addProblem(walk, { code: 'COMMAND_SHELL_UNCERTAIN', subject: 'the command' });
  const words = (isPlain ? command : command.replace(/[\^`"']/g, ''))
    .split(/[\s&|;()<>,{}@%!]+|=(?=\s)/)
    .filter(Boolean);
  const tokens = words.slice(0, 1000).map(plain);
  const [program] = tokens;
  if (program === undefined) return addProblem(walk, { code: 'COMMAND_UNPARSEABLE', subject: 'the command' });
  const name =
    program.value
      .toLowerCase()
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/\.(?:exe|cmd|bat|com)$/, '') ?? '';
  const problems = runners.has(name)
    ? [{ code: 'COMMAND_RUNS_PROGRAM', subject: name, exactEntryLifts: true } as const]
    : [];
  addCommand(walk, { tokens, text: command, listing: 'required', problems: [...problems] });
  if (!isPlain || problems.length > 0) {
    for (let i = 1; i < Math.min(tokens.length, 200); i++)
      addCommand(walk, { tokens: tokens.slice(i), listing: 'transparent' });
  }
}

const runners = new Set([
  'cmd',
  'powershell',
  'pwsh',
  'wsl',
  'bash',
  'sh',
  'start',
  'call',
  'for',
  'forfiles',
  'runas',
  'rundll32',
  'regsvr32',
  'mshta',
  'cscript',
  'wscript',
  'msiexec',
  'wmic',
  'schtasks',
  'at',
  'invoke-expression',
  'iex',
  'invoke-command',
  'icm',
  'start-process',
  'saps',
  'npx',
  'env',
  'find',
  'xargs',
  'python',
  'py',
  'perl',
  'ruby',
  'deno',
  'bun',
  'bunx',
  'conhost',
  'pcalua',
  'certutil',
  'bitsadmin',
  'installutil',
  'msbuild',
  'regasm',
  'regsvcs',
  'odbcconf',
  'explorer',
  'hh',
  'if',
  'set',
  'setx',
  'path',
  'cd',
  'chdir',
  'pushd',
]);
