import type { Problem, Token } from './report.ts';

/** A git command line without the global options that change nothing. */
export interface GitCommand {
  readonly tokens: readonly Token[];
  /** Folder given by `-C`, each relative to the one before. */
  readonly folders: readonly Token[];
  readonly problems: readonly Problem[];
  readonly network: boolean;
  readonly readOnly: boolean;
}

const ignoredOptions = new Set([
  '--no-pager',
  '--no-optional-locks',
  '--literal-pathspecs',
  '--no-replace-objects',
  '--no-lazy-fetch',
]);
const harmlessConfig =
  /^(?:color\.|advice\.|user\.(?:name|email)=|core\.(?:quotepath|abbrev)=|init\.defaultbranch=|commit\.gpgsign=false$|core\.pager=(?:cat|)$|log\.(?:date|decorate|showsignature=false)|diff\.(?:noprefix|context|renames)|core\.fsmonitor=(?:false|0|)$)/i;
const localReads = new Set([
  'status',
  'diff',
  'log',
  'show',
  'rev-parse',
  'ls-files',
  'ls-tree',
  'blame',
  'describe',
  'shortlog',
  'rev-list',
  'cat-file',
  'grep',
  'merge-base',
  'name-rev',
  'whatchanged',
  'diff-tree',
  'diff-index',
  'diff-files',
  'for-each-ref',
  'show-ref',
  'count-objects',
  'reflog',
  'version',
  'check-ignore',
  'cherry',
]);
const localWrites = new Set([
  'add',
  'commit',
  'checkout',
  'switch',
  'branch',
  'restore',
  'reset',
  'merge',
  'stash',
  'tag',
  'rm',
  'mv',
  'init',
  'clean',
  'cherry-pick',
  'revert',
  'apply',
  'am',
  'gc',
  'fsck',
  'prune',
  'repack',
  'worktree',
  'notes',
  'rebase',
  'bisect',
  'sparse-checkout',
  'update-index',
  'update-ref',
  'symbolic-ref',
  'read-tree',
  'write-tree',
  'format-patch',
  'archive',
  'bundle',
  'pack-refs',
  'hash-object',
  'stripspace',
  'var',
  'help',
  'range-diff',
  'config',
  'replace',
  'maintenance',
  'request-pull',
  'mktag',
  'mktree',
  'commit-tree',
  'verify-commit',
  'verify-tag',
  'check-attr',
  'rerere',
  'interpret-trailers',
  'lfs',
]);
const remoteCommands = new Set([
  'push',
  'pull',
  'fetch',
  'clone',
  'ls-remote',
  'remote',
  'submodule',
  'send-pack',
  'fetch-pack',
]);
const runOptions = [
  'upload-pack',
  'receive-pack',
  'exec',
  'ext-diff',
  'textconv',
  'open-files-in-pager',
  'extcmd',
  'tool',
  'gpg-sign',
  'template',
  'config',
  'config-env',
  'output',
  'output-directory',
  'interactive',
  'strategy',
  'remote',
  'separate-git-dir',
  'no-index',
  'filters',
  'contents',
  'file',
  'pathspec-from-file',
  'edit-description',
  'edit',
  'gpg-program',
  'recurse-submodules',
  'server-option',
  'mirror',
];

/** Words of git that start other programs or write files through options, whatever the entry says. */
export function inspectGit(tokens: readonly Token[]): GitCommand {
  const problems: Problem[] = [];
  const folders: Token[] = [];
  const kept: Token[] = tokens.slice(0, 1);
  let i = 1;
  for (; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined || !token.known || !token.value.startsWith('-')) break;
    if (ignoredOptions.has(token.value)) continue;
    if (token.value === '-C') {
      const folder = tokens[++i];
      if (folder !== undefined) folders.push(folder);
    } else if (token.value === '-c') {
      const setting = tokens[++i];
      if (setting === undefined || !setting.known || !harmlessConfig.test(setting.value))
        problems.push(runs(`git -c ${setting?.value ?? ''}`));
    } else if (['--version', '--help', '-v', '-h', '--html-path', '--man-path', '--info-path'].includes(token.value)) {
      kept.push(token);
    } else {
      problems.push(runs(`git ${token.value}`));
      if (
        ['--git-dir', '--work-tree', '--namespace', '--exec-path', '--config-env', '--super-prefix'].includes(
          token.value,
        )
      )
        i++;
    }
  }
  const rest = tokens.slice(i);
  const [subcommand] = rest;
  const name = subcommand?.known ? subcommand.value : '';
  inspectSubcommand(name, rest, problems);
  const readOnly = localReads.has(name) && problems.length === 0 && rest.every((token) => token.known);
  return { tokens: [...kept, ...rest], folders, problems, network: remoteCommands.has(name), readOnly };
}

function inspectSubcommand(name: string, rest: readonly Token[], problems: Problem[]): void {
  const args = rest.slice(1).map((token) => token.value);
  const known = localReads.has(name) || localWrites.has(name) || remoteCommands.has(name) || rest.length === 0;
  if (!known) problems.push(runs(`git ${name}`));
  for (const arg of args) {
    if (arg === '--') break;
    if (arg.startsWith('--')) {
      const option = arg.slice(2).split('=')[0] ?? '';
      if (isRunOption(name, option)) problems.push(runs(arg));
    } else if (arg.startsWith('-') && shortRuns(name, arg)) problems.push(runs(arg));
    else if (/^(?:ext|fd)::/i.test(arg) || /^[a-z][a-z0-9+.-]*::/i.test(arg)) problems.push(runs(arg));
  }
  if (hidesChange(name, args)) problems.push(runs(`git ${name} ${args[0] ?? ''} …`));
  const sent = elsewhere(name, args);
  if (sent !== undefined)
    problems.push({
      code: 'COMMAND_ARGUMENT_UNCERTAIN',
      subject: `git ${name} ${sent}`.slice(0, 200),
      exactEntryLifts: true,
    });
  if (
    (name === 'commit' || name === 'tag') &&
    args.some((arg) => (/^-[a-z]*[Su]|^-[a-z]*s/.test(arg) && name === 'tag') || /^-[a-zA-Z]*S/.test(arg))
  )
    problems.push(runs(`git ${name} -S`));
  if (name === 'merge' && args.some((arg) => /^-s/.test(arg))) problems.push(runs('git merge -s'));
  if (name === 'apply' && args.some((arg) => arg.startsWith('--unsafe')))
    problems.push(runs('git apply --unsafe-paths'));
  // It deletes whatever is untracked, by rules of the repository and not by the words.
  if (name === 'clean' && !args.some((arg) => /^-[a-z]*n|^--dry-run$/.test(arg)))
    problems.push({ code: 'PATH_UNCERTAIN', subject: 'git clean', exactEntryLifts: true });
  if (name === 'reflog' && /^(?:expire|delete|drop)$/.test(args.find((arg) => !arg.startsWith('-')) ?? ''))
    problems.push({ code: 'COMMAND_ARGUMENT_UNCERTAIN', subject: 'git reflog expire', exactEntryLifts: true });
  if (name === 'bisect' && args[0] === 'run') problems.push(runs('git bisect run'));
  if (name === 'submodule' && args.includes('foreach')) problems.push(runs('git submodule foreach'));
  if (name === 'config' && !isConfigRead(args)) problems.push(runs('git config'));
  if (name === 'rebase' && args.some((arg) => arg === '-i')) problems.push(runs('git rebase -i'));
  if (name === 'lfs' || name === 'maintenance' || name === 'help' || name === 'var') problems.push(runs(`git ${name}`));
}

/** A place that a push or a later push would send to, unless it is the name of a remote. */
function elsewhere(name: string, args: readonly string[]): string | undefined {
  const words = args.filter((arg) => !arg.startsWith('-'));
  if (name === 'push') return words.slice(0, 1).find((word) => /[:@/\\]|^\.\.?$/.test(word));
  if (name === 'remote' && /^(?:add|set-url)$/.test(words[0] ?? '')) return words.at(-1);
  if (name === 'submodule' && words[0] === 'add') return words[1];
  return undefined;
}

/** `git remote -v remove x` and `git branch -a -m x` begin like a listing and change something. */
function hidesChange(name: string, args: readonly string[]): boolean {
  const [first = ''] = args;
  if (name === 'tag') return hidesTag(first, args.slice(1));
  const listing = /^-(?:-(?:list|verbose|all|remotes|contains|merged|no-merged|sort=.*)$|[avr]+$)/;
  if ((name !== 'remote' && name !== 'branch') || !listing.test(first)) return false;
  const harmless =
    /^-(?:[avr]+|-(?:list|all|remotes|verbose|sort=.*|format=.*|column|no-column|color|no-color|merged|no-merged|contains))$/;
  const rest = args.slice(1).filter((arg) => !harmless.test(arg));
  const onlyLists = /^--(?:list|contains|merged|no-merged)$/.test(first) && name === 'branch';
  return rest.length > 0 && !(onlyLists && rest.every((arg) => !arg.startsWith('-')));
}

/** `git tag --sort=x -d v1` begins like a listing, too. Words are patterns only where the options say that it lists. */
function hidesTag(first: string, rest: readonly string[]): boolean {
  const lists = /^(?:-l|--list|-n\d*|--contains|--no-contains|--merged|--no-merged|--points-at)$/;
  const harmless = /^--(?:sort=.*|format=.*|column|no-column|color|no-color|ignore-case)$/;
  if (!lists.test(first) && !/^--sort=/.test(first)) return false;
  const saysSo = [first, ...rest].some((arg) => lists.test(arg));
  return rest.some((arg) => (arg.startsWith('-') ? !lists.test(arg) && !harmless.test(arg) : !saysSo));
}

const exactRunOptions = new Set(runOptions);
const harmlessLong = new Set([
  'format',
  'no-ext-diff',
  'no-textconv',
  'contains',
  'files',
  'no-edit',
  'ext-grep',
  'extended-regexp',
  'extended',
  'remotes',
  'inter-hunk-context',
  'interleaved',
  'first-parent',
  'fixed-strings',
  'files-with-matches',
  'files-without-match',
  'find-renames',
  'find-copies',
  'find-object',
  'full-index',
  'follow',
  'force',
  'force-with-lease',
  'fixup',
  'filter',
  'ff',
  'ff-only',
  'no-ff',
  'mixed',
  'merged',
  'message',
  'merges',
  'max-count',
  'max-depth',
  'minimal',
  'merge',
  'exclude',
  'exclude-standard',
  'exec-path',
  'exit-code',
  'error-unmatch',
  'ignore-case',
  'index',
  'ignored',
  'include',
  'intent-to-add',
  'oneline',
  'only',
  'others',
  'ours',
  'theirs',
  'stat',
  'staged',
  'show-toplevel',
  'show-signature',
  'short',
  'shortstat',
  'sort',
  'since',
  'summary',
  'track',
  'tags',
  'text',
  'topo-order',
  'set-upstream',
  'source',
  'patch',
  'pretty',
  'prune',
  'porcelain',
  'path',
  'graph',
  'git-dir',
  'got',
  'global',
  'grep',
  'rebase',
  'raw',
  'reverse',
  'recursive',
  'relative',
  'root',
  'reset',
  'root-diff',
  'no-index-ignore',
  'untracked-files',
  'unified',
  'unshallow',
  'update',
  'unset',
  'cached',
  'color',
  'count',
  'continue',
  'cherry',
  'column',
  'committer',
  'cherry-pick',
  'check',
  'word-diff',
  'name-only',
  'name-status',
  'numstat',
  'no-color',
  'no-merges',
  'no-pager',
  'no-verify',
  'not',
  'notes',
  'delete',
  'depth',
  'date',
  'decorate',
  'dry-run',
  'diff-filter',
  'dirstat',
  'detach',
  'deleted',
  'directory',
  'hard',
  'head',
  'heads',
  'verify',
  'verbose',
  'version',
]);

function isRunOption(subcommand: string, option: string): boolean {
  if (option === '' || harmlessLong.has(option)) return false;
  if (exactRunOptions.has(option)) {
    if (option === 'edit' || option === 'file' || option === 'contents')
      return (
        subcommand === 'branch' ||
        subcommand === 'config' ||
        subcommand === 'blame' ||
        subcommand === 'commit' ||
        subcommand === 'tag'
      );
    return true;
  }
  return runOptions.some((each) => option.length >= 2 && each.startsWith(option));
}

function shortRuns(subcommand: string, arg: string): boolean {
  if (subcommand === 'grep') return arg.startsWith('-O') || arg.startsWith('-f');
  if (subcommand === 'fetch' || subcommand === 'ls-remote' || subcommand === 'pull')
    return arg.startsWith('-u') && subcommand === 'ls-remote';
  if (subcommand === 'clone') return /^-[a-z]*[uc]/i.test(arg);
  if (subcommand === 'rebase') return /^-[a-z]*[xiSs]/.test(arg);
  if (subcommand === 'archive' || subcommand === 'format-patch') return arg.startsWith('-o');
  if (subcommand === 'difftool' || subcommand === 'mergetool') return true;
  if (subcommand === 'commit' || subcommand === 'tag' || subcommand === 'merge') return /^-[a-zA-Z]*F(?!-$)/.test(arg);
  if (subcommand === 'branch') return false;
  if (subcommand === 'diff' || subcommand === 'log' || subcommand === 'show') return arg.startsWith('-O');
  return false;
}

function isConfigRead(args: readonly string[]): boolean {
  const reads = ['--get', '--get-all', '--list', '-l', '--get-regexp', 'get', 'list'];
  const [first, ...more] = args.filter((arg) => arg !== '--global' && arg !== '--local');
  const isKey = first !== undefined && /^[A-Za-z][\w.-]+$/.test(first) && first.slice(1, -1).includes('.');
  if (isKey && more.length === 0) return true;
  return (
    reads.includes(args[0] ?? '') ||
    ((args[0] === '--global' || args[0] === '--local') && reads.includes(args[1] ?? ''))
  );
}

function runs(subject: string): Problem {
  return { code: 'COMMAND_RUNS_PROGRAM', subject: subject.trim(), exactEntryLifts: true };
}
