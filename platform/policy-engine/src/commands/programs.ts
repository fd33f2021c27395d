import type { OptionSyntax } from './options.ts';

/** What the engine knows of a program's words. Knowledge raises what needs asking and never allows anything. */
export interface ProgramKnowledge extends OptionSyntax {
  /** What operands are: files read, written or deleted, copied (last is written), moved, or mere text. */
  readonly operands?: 'read' | 'write' | 'delete' | 'copy' | 'move' | 'text' | 'in-out' | 'generic';
  /** That many operands at the start are text (a pattern, a mode). */
  readonly textOperands?: number;
  /** Options that take the place of the text operand. */
  readonly textOptions?: readonly string[];
  readonly readOptions?: readonly string[];
  readonly writeOptions?: readonly string[];
  /** Options that make the program run another program. */
  readonly runOptions?: readonly string[];
  /** Options that load or reach something that words do not tell. */
  readonly uncertainOptions?: readonly string[];
  /** Options that make operands whole trees; `*` when always so. */
  readonly recursiveOptions?: readonly string[] | '*';
  /** Words may be dynamic: they are printed or compared, nothing else. */
  readonly printOnly?: boolean;
  readonly readOnly?: boolean;
  readonly network?: boolean;
}

const text: ProgramKnowledge = { operands: 'text', readOnly: true };
const reader: ProgramKnowledge = { operands: 'read', readOnly: true };
const checksum: ProgramKnowledge = { ...reader, uncertainOptions: ['c', 'check'] };
const grep: ProgramKnowledge = {
  ...reader,
  textOperands: 1,
  textOptions: ['e', 'regexp', 'f', 'file'],
  valueShort: 'efmABCDd',
  valueLong: [
    'regexp',
    'file',
    'max-count',
    'after-context',
    'before-context',
    'context',
    'include',
    'exclude',
    'exclude-dir',
    'label',
  ],
  readOptions: ['f', 'file', 'exclude-from'],
  recursiveOptions: ['r', 'R', 'recursive', 'dereference-recursive'],
};

/** Options by which a runner of package scripts uses another shell, folder, registry or configuration. */
const scriptRunnerOptions: readonly string[] = [
  'script-shell',
  'shell-emulator',
  'node-options',
  'prefix',
  'C',
  'dir',
  'cwd',
  'registry',
  'g',
  'global',
  'use-yarnrc',
  'config',
];

const entries: readonly (readonly [string, ProgramKnowledge])[] = [
  ['cat tac rev expand unexpand readlink realpath vdir dir zcat nproc', reader],
  ['base64 base32 basenc fmt', { ...reader, valueShort: 'wgi' }],
  ['nl', { ...reader, valueShort: 'bdfhilnsvw' }],
  ['head', { ...reader, valueShort: 'nc', valueLong: ['lines', 'bytes'] }],
  ['tail', { ...reader, valueShort: 'ncs', valueLong: ['lines', 'bytes', 'sleep-interval', 'pid'] }],
  ['wc', { ...reader, uncertainOptions: ['files0-from'] }],
  [
    'cut',
    { ...reader, valueShort: 'bdfc', valueLong: ['delimiter', 'fields', 'bytes', 'characters', 'output-delimiter'] },
  ],
  ['paste', { ...reader, valueShort: 'd' }],
  ['fold', { ...reader, valueShort: 'w' }],
  ['column', { ...reader, valueShort: 'cstoN' }],
  ['comm', reader],
  ['join', { ...reader, valueShort: '12jtaveo' }],
  ['cmp', { ...reader, valueShort: 'in' }],
  [
    'diff',
    { ...reader, valueShort: 'UCIxXSFWL', readOptions: ['X', 'exclude-from'], recursiveOptions: ['r', 'recursive'] },
  ],
  ['stat', { ...reader, valueShort: 'c', valueLong: ['format', 'printf'] }],
  [
    'file',
    {
      ...reader,
      valueShort: 'mfFeP',
      readOptions: ['m', 'magic-file', 'f', 'files-from'],
      uncertainOptions: ['C', 'compile', 'z', 'Z'],
    },
  ],
  [
    'du',
    {
      ...reader,
      valueShort: 'dBtX',
      readOptions: ['X', 'exclude-from'],
      uncertainOptions: ['files0-from'],
      recursiveOptions: '*',
    },
  ],
  ['df', { ...reader, valueShort: 'Btx' }],
  [
    'tree',
    { ...reader, valueShort: 'LPIo', writeOptions: ['o'], uncertainOptions: ['R', 'fromfile'], recursiveOptions: '*' },
  ],
  ['ls', { ...reader, valueShort: 'ITw', recursiveOptions: ['R', 'recursive'] }],
  ['md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum shasum', checksum],
  ['od', { ...reader, valueShort: 'AjNtwS' }],
  ['xxd', { operands: 'in-out', valueShort: 'cglos' }],
  ['uniq', { operands: 'in-out', valueShort: 'fsw' }],
  ['hexdump hd', { ...reader, valueShort: 'esnf', readOptions: ['f'] }],
  ['strings', { ...reader, valueShort: 'ntse', uncertainOptions: ['target', 'T'] }],
  [
    'sort',
    {
      operands: 'read',
      valueShort: 'kotST',
      writeOptions: ['o', 'output', 'T', 'temporary-directory'],
      runOptions: ['compress-program'],
      uncertainOptions: ['files0-from'],
      valueLong: [
        'key',
        'output',
        'field-separator',
        'buffer-size',
        'temporary-directory',
        'compress-program',
        'files0-from',
        'parallel',
        'batch-size',
      ],
    },
  ],
  ['grep egrep fgrep', grep],
  [
    'rg',
    {
      ...grep,
      valueShort: 'efgtTABCmMjdEr',
      recursiveOptions: '*',
      runOptions: ['pre', 'hostname-bin', 'z', 'search-zip'],
      readOptions: ['f', 'file', 'ignore-file'],
      textOptions: ['e', 'regexp', 'f', 'file', 'files', 'type-list'],
      valueLong: [
        'regexp',
        'file',
        'glob',
        'iglob',
        'type',
        'type-not',
        'after-context',
        'before-context',
        'context',
        'max-count',
        'max-depth',
        'pre',
        'pre-glob',
        'ignore-file',
        'replace',
        'sort',
        'sortr',
        'color',
        'colors',
        'threads',
        'encoding',
        'engine',
      ],
    },
  ],
  [
    'fd fdfind',
    {
      operands: 'read',
      textOperands: 1,
      valueShort: 'deExXtcjSo',
      runOptions: ['x', 'X', 'exec', 'exec-batch'],
      recursiveOptions: '*',
    },
  ],
  [
    'jq',
    {
      ...reader,
      textOperands: 1,
      textOptions: ['f', 'from-file'],
      valueShort: 'fL',
      readOptions: ['f', 'from-file', 'L'],
      uncertainOptions: ['arg', 'argjson', 'slurpfile', 'rawfile', 'args', 'jsonargs', 'run-tests'],
    },
  ],
  ['basename dirname tr seq', { ...text, printOnly: true }],
  ['sleep whoami id uname arch uptime free tty groups locale which whereis type pwd cal getconf tput', text],
  ['hostname', { operands: 'text', uncertainOptions: ['F', 'file'] }],
  [
    'date',
    {
      operands: 'text',
      valueShort: 'dfrsI',
      readOptions: ['f', 'file', 'r', 'reference'],
      uncertainOptions: ['s', 'set'],
    },
  ],
  ['echo', { ...text, printOnly: true }],
  ['printf', { ...text, printOnly: true, uncertainOptions: ['v'] }],
  ['test [', { ...text, printOnly: true, uncertainOptions: ['v', 'R'] }],
  ['true false : exit return break continue wait shift', { ...text, printOnly: true }],
  ['ps', text],
  ['printenv', text],
  ['mkdir', { operands: 'write', valueShort: 'm', valueLong: ['mode'] }],
  [
    'touch',
    { operands: 'write', valueShort: 'dtr', readOptions: ['r', 'reference'], valueLong: ['date', 'time', 'reference'] },
  ],
  ['tee', { operands: 'write' }],
  [
    'truncate',
    { operands: 'write', valueShort: 'sr', valueLong: ['size', 'reference'], readOptions: ['r', 'reference'] },
  ],
  [
    'cp install',
    {
      operands: 'copy',
      valueShort: 'tSmog',
      writeOptions: ['t', 'target-directory'],
      valueLong: ['target-directory', 'suffix', 'mode', 'owner', 'group'],
      uncertainOptions: ['strip-program'],
      recursiveOptions: ['r', 'R', 'a', 'recursive', 'archive'],
    },
  ],
  [
    'mv',
    {
      operands: 'move',
      valueShort: 'tS',
      writeOptions: ['t', 'target-directory'],
      valueLong: ['target-directory', 'suffix'],
      recursiveOptions: '*',
    },
  ],
  [
    'ln',
    {
      operands: 'copy',
      valueShort: 'tS',
      valueLong: ['target-directory', 'suffix'],
      writeOptions: ['t', 'target-directory'],
    },
  ],
  [
    'chmod chown chgrp',
    { operands: 'write', textOperands: 1, recursiveOptions: ['R', 'recursive'], uncertainOptions: ['reference'] },
  ],
  ['rm', { operands: 'delete', recursiveOptions: ['r', 'R', 'recursive', 'd'] }],
  ['rmdir unlink shred', { operands: 'delete', valueShort: 'ns' }],
  [
    'tar bsdtar',
    {
      operands: 'generic',
      valueShort: 'fCTXIFgKNVb',
      runOptions: [
        'I',
        'F',
        'to-command',
        'checkpoint-action',
        'use-compress-program',
        'rsh-command',
        'rmt-command',
        'info-script',
        'new-volume-script',
      ],
      uncertainOptions: ['P', 'absolute-names', 'T', 'files-from'],
    },
  ],
  ['rsync', { operands: 'generic', valueShort: 'e', runOptions: ['e', 'rsh', 'rsync-path'], network: true }],
  ['zip', { operands: 'generic', runOptions: ['T', 'TT', 'unzip-command'] }],
  [
    'split',
    {
      operands: 'in-out',
      valueShort: 'abClnt',
      valueLong: ['lines', 'bytes', 'number', 'suffix-length', 'line-bytes', 'separator', 'additional-suffix'],
      runOptions: ['filter'],
    },
  ],
  ['csplit', { operands: 'read', textOperands: 0, valueShort: 'bfn', writeOptions: ['f', 'prefix'] }],
  [
    'make gmake',
    {
      operands: 'generic',
      valueShort: 'fCIojlWE',
      uncertainOptions: ['f', 'file', 'makefile', 'eval', 'E', 'I', 'include-dir'],
    },
  ],
  ['gcc g++ cc c++ clang clang++', { operands: 'generic', runOptions: ['wrapper', 'fplugin', 'B', 'specs', 'w'] }],
  ['cargo', { operands: 'generic', uncertainOptions: ['config', 'Z', 'C'] }],
  [
    'pytest',
    {
      operands: 'generic',
      valueShort: 'kmpcon',
      uncertainOptions: [
        'p',
        'c',
        'o',
        'override-ini',
        'config-file',
        'rootdir',
        'confcutdir',
        'debugger-class',
        'pdbcls',
      ],
    },
  ],
  [
    'curl',
    {
      operands: 'generic',
      network: true,
      uncertainOptions: [
        'K',
        'config',
        'o',
        'output',
        'O',
        'remote-name',
        'remote-name-all',
        'output-dir',
        'T',
        'upload-file',
        'x',
        'proxy',
        'preproxy',
        'F',
        'form',
        'c',
        'cookie-jar',
        'b',
        'cookie',
        'E',
        'cert',
        'key',
        'cacert',
        'capath',
        'unix-socket',
        'abstract-unix-socket',
        'resolve',
        'connect-to',
        'interface',
        'doh-url',
        'd',
        'data',
        'data-binary',
        'data-raw',
        'data-urlencode',
        'json',
        'L',
        'location',
        'location-trusted',
        'netrc',
        'n',
        'netrc-file',
        'D',
        'dump-header',
        'trace',
        'trace-ascii',
        'stderr',
        'engine',
        'libcurl',
        'hsts',
        'alt-svc',
        'etag-save',
        'w',
        'write-out',
        'variable',
        'socks5',
        'socks4',
        'socks4a',
        'socks5-hostname',
        'H',
        'header',
        'k',
        'insecure',
      ],
    },
  ],
  [
    'wget',
    {
      operands: 'generic',
      network: true,
      runOptions: ['use-askpass', 'e', 'execute'],
      uncertainOptions: [
        'O',
        'output-document',
        'o',
        'output-file',
        'i',
        'input-file',
        'post-file',
        'body-file',
        'config',
        'P',
        'directory-prefix',
        'a',
        'append-output',
        'header',
        'post-data',
      ],
    },
  ],
  ['man', { operands: 'generic', runOptions: ['P', 'pager', 'H', 'html', 'C', 'config-file'] }],
  ['vim vi nvim view ex', { operands: 'generic', runOptions: ['c', 'S', 'cmd', 'u', 'l', 's'] }],
  ['emacs', { operands: 'generic', runOptions: ['eval', 'l', 'load', 'script', 'f', 'funcall', 'execute'] }],
  [
    'less more most',
    {
      operands: 'read',
      valueShort: 'bhjPxyz',
      uncertainOptions: ['c', 'e', 'f', 'x', 'ex', 'command', 'execute', 'file', 'batch'],
    },
  ],
  [
    'ed psql mysql mariadb gdb lldb ftp expect rlwrap screen tmux',
    { operands: 'generic', uncertainOptions: ['c', 'e', 'f', 'x', 'ex', 'command', 'execute', 'file', 'batch'] },
  ],
  [
    'npm',
    {
      operands: 'generic',
      uncertainOptions: [
        'script-shell',
        'node-options',
        'shell',
        'prefix',
        'C',
        'globalconfig',
        'userconfig',
        'registry',
        'git',
        'editor',
        'viewer',
        'browser',
        'init-module',
        'location',
        'g',
        'global',
        'cache',
        'onload-script',
        'ignore-scripts',
        'scripts-prepend-node-path',
      ],
    },
  ],
  ['pnpm yarn', { operands: 'generic', uncertainOptions: [...scriptRunnerOptions] }],
  ['bun', { operands: 'generic', uncertainOptions: [...scriptRunnerOptions, 'preload', 'r', 'e', 'eval'] }],
  ['pip pip3', { operands: 'generic', network: true }],
  ['ssh scp sftp', { operands: 'generic', network: true, runOptions: ['o', 'F', 'S', 'J', 'L', 'R', 'D', 'w'] }],
  [
    'nc ncat netcat socat telnet ftp ping dig nslookup host traceroute gh glab aws gcloud az',
    { operands: 'generic', network: true },
  ],
];

const knowledge: ReadonlyMap<string, ProgramKnowledge> = new Map(
  entries.flatMap(([names, known]) => names.split(' ').map((name) => [name, known] as const)),
);

/** What is known of a program by its bare name; undefined for programs that the engine has never heard of. */
export function knowledgeOf(program: string): ProgramKnowledge | undefined {
  return knowledge.get(program);
}

const systemFolders = ['/bin/', '/usr/bin/', '/usr/local/bin/'];

/** The bare name of a program given by name or by a system path; other paths are programs of their own. */
export function bareName(program: string): string | undefined {
  if (!program.includes('/')) return program;
  const folder = systemFolders.find((each) => program.startsWith(each));
  const name = folder === undefined ? '' : program.slice(folder.length);
  return name === '' || name.includes('/') ? undefined : name;
}
