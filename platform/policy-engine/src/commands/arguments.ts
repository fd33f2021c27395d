import type { Problem, Token } from './report.ts';

/** Looks at the words of one program for what options alone do not tell; gives what is wrong with each. */
type Check = (words: readonly string[], tokens: readonly Token[]) => string | undefined;

/**
 * Words that make a known program do something else than its name says: run another program, reach another machine,
 * hand out rights. The first word that the check objects to is named.
 */
const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['make', (words) => words.find((word) => makeAssignment(word))],
  ['gcc', (words) => words.find((word) => /^-(?:fplugin|fpass-plugin|B|specs|wrapper|Xclang|load)|^@/.test(word))],
  ['patch', (words) => words.find((word) => /^-[a-zA-Z0-9]*e|^--ed$/.test(word))],
  ['printenv', (words) => words.find((word) => /key|token|secret|passw|credential|auth/i.test(word))],
  ['java', (words) => words.find((word) => javaRuns.test(word))],
  ['javac', (words) => words.find((word) => /^-(?:J|processor|proc:(?!none)|A|Xplugin)|^@/.test(word))],
  ['chmod', (words) => words.find((word) => setsId.test(word))],
  ['install', (words) => words.find((word) => setsId.test(word.replace(/^(?:-m|--mode=)/, '')))],
  [
    'tar',
    (words) =>
      words.find(
        (word, i) =>
          (i === 0 && /^[A-Za-z]*[PIFT]/.test(word)) || /^(?:--file=)?[\w.-]+(?:@[\w.-]*)?:(?!\\)/.test(word),
      ),
  ],
  [
    'rsync',
    (words) => words.find((word) => /^(?:rsync:|[^/]+:)/i.test(word) || /^--(?:daemon|server|sender)/.test(word)),
  ],
  ['rustc', (words) => words.find((word) => /linker|plugin|codegen-backend/.test(word))],
  ['go', (words) => words.find((word) => goRuns.test(word)) ?? goRemote(words)],
  [
    'mvn',
    (words) =>
      words.find((word) =>
        /^[\w.-]+:[\w.-]+:|^exec:|^(?:deploy|site-deploy|release:)|^-Dexec\.|^-Dmaven\.ext/.test(word),
      ),
  ],
  [
    'gradle',
    (words) =>
      words.find((word) => /^publish|^:?upload|^-D?org\.gradle\.|^-I|^--init-script|^--include-build/i.test(word)),
  ],
  ['sqlite3', (words) => words.find((word) => sqliteRuns(word))],
  [
    'ps',
    (words) =>
      words.find((word) => (/^[a-z]+$/i.test(word) && /e/i.test(word)) || word === '-E' || /environ/.test(word)),
  ],
  ['kill', (words) => words.find((word, i) => /^(?:0|1|-1)$/.test(word) && (i > 0 || words.length === 1))],
  ['zip', (words) => words.find((word) => word === '-@')],
  ['hostname', (words) => words.find((word) => !word.startsWith('-'))],
  ['date', (words) => words.find((word, i) => /^\d{8,}/.test(word) && !/^-[dfrI]$/.test(words[i - 1] ?? ''))],
  ['rake', (words) => words.find((word) => /^-(?:[efrIRE]|-(?:execute|rakefile|require|libdir|rakelib))/.test(word))],
  [
    'cmake',
    (words) =>
      words.find(
        (word) => /^-(?:E|P|-install$)/.test(word) || /^-DCMAKE_\w*(?:COMPILER|LAUNCHER|TOOLCHAIN|LINKER)/.test(word),
      ),
  ],
  [
    'npm',
    (words) =>
      /^(?:i|in|install|add|link|ci)$/.test(words.find(notOption) ?? '')
        ? words.find(foreignPackage)
        : initializer(words),
  ],
  [
    'pip',
    (words) =>
      words.find(
        (word) => pipElsewhere.test(word) || /^(?:[a-z]+\+)?[a-z]+:\/\//i.test(word) || /@\s*(?:git|http)/i.test(word),
      ),
  ],
  ['gem', (words) => words.find((word) => /^(?:-s|--source|--clear-sources|-P|--config-file)/.test(word))],
  [
    'kubectl',
    (words) => words.find((word, i) => /^secrets?(?:\/|$)/.test(word) || (words[i - 1] === '-f' && /:\/\//.test(word))),
  ],
  [
    'less',
    (words) =>
      words.find(
        (word) =>
          /^[+-]{1,2}(?:\+|!|.*!|[kKoOtT]|lesskey|log-file|tag)/.test(word) && word !== '-' && /[!+kKoOtT]/.test(word),
      ),
  ],
  ['more', (words) => words.find((word) => /^\+.*!/.test(word))],
  ['man', (words) => words.find((word) => word.includes('/'))],
  [
    'curl',
    (words) => words.find((word) => /^-[a-zA-Z]*[KoOTFdxcbEDwHkLn]/.test(word) && !/^-[sSfivgGI0-9]+$/.test(word)),
  ],
  [
    'yq',
    (words) =>
      words.find(
        (word) => /\b(?:load|load_str|strload|env|strenv|envsubst|eval|system)\b/.test(word) && /[("]/.test(word),
      ),
  ],
  [
    'jq',
    (words) =>
      words.find((word) => /\b(?:input_filename|import|include|env|\$ENV|getpath_env|\$__prog)\b|\$ENV/.test(word)),
  ],
]);

/** Programs whose input, or whose person, tells them what to run: only an entry with the same words covers them. */
const obey = new Set([
  'vim',
  'vi',
  'nvim',
  'view',
  'ex',
  'ed',
  'emacs',
  'nano',
  'gdb',
  'lldb',
  'tmux',
  'screen',
  'expect',
  'rlwrap',
  'ansible',
  'ansible-playbook',
  'socat',
  'at',
  'batch',
  'crontab',
  'ftp',
  'telnet',
]);
/** Programs that talk to the machine that a word names. */
const connect = new Set([
  'ssh',
  'scp',
  'sftp',
  'nc',
  'ncat',
  'netcat',
  'mosh',
  'rsh',
  'rlogin',
  'psql',
  'mysql',
  'mariadb',
  'redis-cli',
  'mongo',
  'mongosh',
]);
const innocent = /^(?:--version|--help|-V|-v|--server-version)$/;

/** Problems that the words of a known program bring along. */
export function inspectArguments(name: string, tokens: readonly Token[]): Problem[] {
  const words = tokens.slice(1).map((token) => token.value);
  if (words.length === 1 && innocent.test(words[0] ?? '')) return [];
  if (obey.has(name))
    return [{ code: 'COMMAND_RUNS_PROGRAM', subject: name, liftedByWords: Math.max(2, tokens.length) }];
  if (connect.has(name)) {
    const local =
      !words.some((word) => !word.startsWith('-')) || /^(?:psql|mysql|mariadb)$/.test(name)
        ? !words.some((word) => /^-(?:h|-host|P|p|S)|:\/\//.test(word))
        : false;
    return local
      ? []
      : [
          {
            code: 'COMMAND_ARGUMENT_UNCERTAIN',
            subject: `${name} ${words.find(notOption) ?? ''}`.slice(0, 200),
            liftedByWords: 2,
          },
        ];
  }
  const check = checks.get(sameAs.get(name) ?? name);
  const word = check?.(words, tokens);
  return word === undefined
    ? []
    : [{ code: 'COMMAND_ARGUMENT_UNCERTAIN', subject: `${name} ${word}`.slice(0, 200), exactEntryLifts: true }];
}

const sameAs: ReadonlyMap<string, string> = new Map([
  ['gmake', 'make'],
  ['g++', 'gcc'],
  ['cc', 'gcc'],
  ['c++', 'gcc'],
  ['clang', 'gcc'],
  ['clang++', 'gcc'],
  ['bsdtar', 'tar'],
  ['pip3', 'pip'],
  ['mvnw', 'mvn'],
  ['gradlew', 'gradle'],
  ['pnpm', 'npm'],
  ['yarn', 'npm'],
  ['bun', 'npm'],
  ['oc', 'kubectl'],
]);

const notOption = (word: string): boolean => !word.startsWith('-');

function makeAssignment(word: string): boolean {
  const name = /^([^=\s]+?)[:+?!]?=/.exec(word.slice(0, 300))?.[1];
  if (name === undefined) return false;
  const value = word.slice(word.indexOf('=') + 1);
  return (
    /SHELL|MAKEFLAGS|MAKEFILES|GNUMAKEFLAGS/i.test(name) || /[$`]/.test(word) || (isTool(name) && !isCompiler(value))
  );
}

/** Variables by which make's own rules name the programs that they run. */
const isTool = (name: string): boolean =>
  /^(?:CC|CXX|CPP|LD|AR|AS|NM|FC|RM|RANLIB|STRIP|OBJCOPY|INSTALL|YACC|LEX|M4|TEX|PYTHON|NODE|NPM|GO|CARGO|MAKE)$/.test(
    name,
  );
const isCompiler = (value: string): boolean => /^(?:gcc|g\+\+|clang|clang\+\+|cc|c\+\+)(?:-\d{1,3})?$/.test(value);

const javaRuns =
  /^-(?:javaagent|agentpath|agentlib|XX:(?:OnError|OnOutOfMemoryError|Flags|VMOptionsFile|\+?StartFlight|HeapDumpPath|LogFile|ErrorFile)|Xbootclasspath|Xlog|Xrun|-patch-module|-upgrade-module-path)|^@/;
const setsId = /^0?[2-7][0-7]{3}$|^[ugoa]*[+=][rwxXt]*s|,[ugoa]*[+=][rwxXt]*s/;
const goRuns = /^--?(?:toolexec|exec|vettool|overlay|modfile|modcacherw|pkgdir|C|w)(?:=|$)|extld/;

function goRemote(words: readonly string[]): string | undefined {
  const verb = words.find(notOption);
  return verb === 'run' || verb === 'install' ? words.find((word) => /@|:\/\//.test(word)) : undefined;
}

function sqliteRuns(word: string): boolean {
  if (/^--?(?:cmd|init|newline|vfs|zip|A)/.test(word)) return true;
  if (
    /^\s*\.(?!tables|schema|indexes|indices|headers|header|mode|width|databases|show|help|timer|quit|exit|fullschema|dbinfo|stats|print|nullvalue)/.test(
      word,
    )
  )
    return true;
  return /\b(?:load_extension|writefile|readfile|fsdir|edit)\s*\(|\battach\b|\bvacuum\s+into\b|\n[^\S\n]*\./i.test(
    word.slice(0, 20_000),
  );
}

const pipElsewhere =
  /^(?:-i|--index-url|--extra-index-url|-f|--find-links|--trusted-host|--proxy|--cert|--client-cert|--target|-t|--prefix|--root|--src|--log|--python|--global-option|--config-settings|-C|--cache-dir|--build|--user|--break-system-packages)/;

/** A package from anywhere but the registry or the project. */
function foreignPackage(word: string): boolean {
  if (word.startsWith('-')) return /^--(?:registry|@)/.test(word);
  return (
    /^[a-z+]+:(?!@?[\w./-]+@)/i.test(word) ||
    /^[\w-]+\/[\w.-]+(?:#|$)/.test(word) ||
    /@(?:[a-z+]+:|git)/i.test(word.slice(1)) ||
    /^(?:\/|~|\.\.)/.test(word)
  );
}

/** `npm init x` and `npm create x` run a package. */
function initializer(words: readonly string[]): string | undefined {
  const at = words.findIndex(notOption);
  const verb = words[at] ?? '';
  if (verb === 'link') return words.slice(at + 1).find(notOption);
  return /^(?:init|create|innit)$/.test(verb) ? words.slice(at + 1).find(notOption) : undefined;
}
