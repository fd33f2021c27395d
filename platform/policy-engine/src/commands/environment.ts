import { addProblem, type Walk } from './report.ts';

const harmless = new Set(
  (
    'CI NODE_ENV FORCE_COLOR NO_COLOR CLICOLOR CLICOLOR_FORCE COLORTERM DEBUG TZ LANG LANGUAGE TERM COLUMNS LINES VERBOSE ' +
    'LOG_LEVEL RUST_BACKTRACE RUST_LOG PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE PORT HOST WATCH UPDATE_SNAPSHOTS ' +
    'CGO_ENABLED GOOS GOARCH NODE_DISABLE_COLORS BABEL_ENV RAILS_ENV RACK_ENV APP_ENV FLASK_ENV DJANGO_DEBUG'
  ).split(' '),
);
const harmlessPrefixes = ['LC_', 'TEST_', 'APP_', 'VITE_', 'NEXT_PUBLIC_', 'REACT_APP_', 'MY_'];
const lowerCaseLoaders =
  /^(?:npm_|yarn_|pnpm_|ifs$|path$|fpath$|cdpath$|http_proxy$|https_proxy$|all_proxy$|ftp_proxy$|no_proxy$|histchars$|auto_resume$)/;

/** Whether setting the variable for one program can't change which code it runs. Only known names are harmless. */
export function isHarmlessVariable(name: string): boolean {
  return harmless.has(name) || harmlessPrefixes.some((prefix) => name.startsWith(prefix) && /^[A-Z0-9_]+$/.test(name));
}

/** Whether a variable is the script's own: lower case, so that no program takes orders from it. */
export function isScriptVariable(name: string): boolean {
  return name === '_' || (/^[a-z][a-z0-9_]*$/.test(name) && !lowerCaseLoaders.test(name));
}

/** Upper-case names that a shell reads itself or that the runtime hands to every program. */
const inherited =
  /^(?:PATH|HOME|PWD|OLDPWD|SHELL|USER|LOGNAME|MAIL|IFS|ENV|PS[0-4]|CDPATH|GLOBIGNORE|EXECIGNORE|FIGNORE|SHELLOPTS|BASH\w*|COMP\w*|DIRSTACK|EUID|UID|FUNC\w*|GROUPS|HIST\w*|HOSTFILE|IGNOREEOF|INPUTRC|INSIDE_EMACS|MAPFILE|OPT\w*|PIPESTATUS|POSIXLY_CORRECT|PROMPT\w*|READLINE\w*|REPLY|SECONDS|TIMEFORMAT|TMOUT|TMP|TMPDIR|TEMP|LD_\w*|DYLD_\w*|XDG_\w*|SSH_\w*|GIT_\w*|NODE_\w*|NPM_\w*|PYTHON\w*|\w*_PROXY|\w*PAGER|\w*EDITOR|VISUAL|BROWSER)$/;

/** Names that belong to the project's own programs by their ending, unless a well-known tool owns their beginning. */
const ownEnding =
  /(?:^|_)(?:URL|URI|PORT|HOST|HOSTNAME|ADDR|KEY|TOKEN|SECRET|ID|NAME|MODE|LEVEL|ENV|ENVIRONMENT|DEBUG|TIMEOUT|RETRIES|COUNT|LIMIT|SIZE|SEED|VERSION|USER|USERNAME|PASSWORD|ENABLED|DISABLED|FLAG|FEATURE|REGION|STAGE|BUCKET|QUEUE|TABLE|SCHEMA|DB|DATABASE|DSN|VERBOSE|QUIET|TAG|BRANCH|MESSAGE|MSG|FOO|BAR|BAZ|DATE|YEAR|STATUS|TYPE|FORMAT|THREADS|WORKERS|JOBS)$/;
const toolPrefix =
  /^(?:GIT|SSH|LD|DYLD|BASH|NODE|NPM|YARN|PNPM|BUN|DENO|PIP|UV|POETRY|PYTHON|PY|CONDA|VIRTUAL|PERL|RUBY|RUBYGEMS|GEM|BUNDLE|BUNDLER|RAKE|PHP|COMPOSER|JAVA|JDK|JAVAC|MAVEN|MVN|GRADLE|KOTLIN|SCALA|SBT|CARGO|RUST|RUSTC|RUSTUP|RUSTDOC|GO|GOPROXY|CGO|CC|CXX|CPP|LLVM|GCC|CMAKE|MAKE|MAKEFLAGS|NINJA|MESON|DOCKER|BUILDKIT|COMPOSE|PODMAN|KUBE|KUBECTL|HELM|TF|TERRAFORM|ANSIBLE|VAULT|AWS|AZURE|GOOGLE|GCLOUD|GCP|CLOUDSDK|GH|GITHUB|GITLAB|CI|XDG|GPG|GNUPG|PGP|DBUS|DISPLAY|WAYLAND|LESS|MAN|ACK|RIPGREP|FZF|GREP|TAR|ZIP|UNZIP|GZIP|XZ|RSYNC|CURL|WGET|SSL|OPENSSL|HTTP|HTTPS|FTP|ALL|NO|SOCKS|ELECTRON|CHROME|CHROMIUM|PLAYWRIGHT|PUPPETEER|CYPRESS|JEST|VITEST|PYTEST|NOSE|TOX|DOTNET|NUGET|MSBUILD|SHELL|HOME|PATH|TMP|TERM|EDITOR|VISUAL|PAGER|BROWSER|SUDO|LC|LANG|LANGUAGE|NLS|MALLOC|GLIBC|PRELOAD|STEWARD|PG|PSQL|MYSQL|SQLITE)(?:_|$)|^PG[A-Z]/;

/** Whether setting the variable for one program hands that program a value of the project's own and nothing more. */
function isOwnVariable(name: string): boolean {
  // `sh` reads the file that ENV names.
  return name !== 'ENV' && /^[A-Z][A-Z0-9_]{0,60}$/.test(name) && ownEnding.test(name) && !toolPrefix.test(name);
}

/** Whether setting the variable for one program can't change which code runs, in that program or one it starts. */
export function isHandedOnly(name: string): boolean {
  return isHarmlessVariable(name) || isOwnVariable(name);
}

/**
 * A variable of the whole script (`alone`) may reach later programs only when it was exported before; one in front of a
 * program, or exported, always does.
 */
export function checkVariable(name: string, walk: Walk, alone: boolean, value?: string): void {
  if (isHandedOnly(name)) return;
  if (
    alone &&
    (isScriptVariable(name) || (/^[A-Z][A-Z0-9_]*$/.test(name) && !inherited.test(name) && !toolPrefix.test(name)))
  )
    return;
  if (/^(?:GIT_|MAN)?PAGER$/.test(name) && (value === 'cat' || value === '')) return;
  addProblem(walk, { code: 'COMMAND_CHANGES_ENVIRONMENT', subject: name.slice(0, 100) });
}
