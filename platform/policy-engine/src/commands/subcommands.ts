import type { Problem, Token } from './report.ts';

interface Subcommands {
  /** Options before the subcommand that take a value. */
  readonly globalValues?: readonly string[];
  /** Options that move the program to another place, server or program; only an entry with the same words covers them. */
  readonly exactOnly?: readonly string[];
  /** Subcommands that work on the project or only look; `a b` names two words. A trailing star covers any further word. */
  readonly ordinary: readonly string[];
  /** What is not ordinary is a script of the project instead of a built-in, unless it is one of these. */
  readonly special?: readonly string[];
}

const list = (text: string): string[] => text.split(' | ');

/**
 * Programs that are many programs in one. An entry that names only the program covers its ordinary subcommands; the
 * others publish, sign in, run something else or work on another machine, and need an entry that names them.
 */
const table: ReadonlyMap<string, Subcommands> = new Map<string, Subcommands>([
  [
    'npm',
    {
      globalValues: ['--workspace', '-w', '--loglevel', '--omit', '--include'],
      ordinary: list(
        'install | i | in | ci | clean-install | install-test | add | test | t | tst | run | run-script | rum | start | stop | restart | ls | list | ll | la | outdated | audit | view | info | show | v | pack | prune | dedupe | ddp | rebuild | rb | explain | why | fund | ping | root | prefix | bin | doctor | search | version | uninstall | un | rm | remove | update | up | upgrade | query | sbom | diff | whoami | help | config get | config list | config ls | get | pkg get | cache verify | cache ls | init | ll | find-dupes | bugs-list | docs-list | link',
      ),
    },
  ],
  [
    'yarn',
    {
      ordinary: [],
      special: list(
        'config set | config unset | config delete | plugin | set | publish | login | logout | npm | owner | team | token | create | init | policies | tag | unpublish | node | link | global | patch | stage',
      ),
    },
  ],
  [
    'pnpm',
    {
      ordinary: [],
      special: list(
        'config set | config delete | set | publish | login | logout | create | init | node | link | env | setup | server | store | patch | self-update | unpublish | deploy | owner',
      ),
    },
  ],
  [
    'bun',
    { ordinary: [], special: list('repl | create | c | init | publish | upgrade | link | exec | pm trust | pm cache') },
  ],
  [
    'pip',
    {
      ordinary: list(
        'install | list | freeze | show | check | uninstall | inspect | index versions | help | cache dir | cache list | config get | config list | debug | hash | wheel',
      ),
    },
  ],
  [
    'cargo',
    {
      globalValues: ['--color'],
      ordinary: list(
        'build | b | check | c | test | t | run | r | clippy | fmt | doc | d | clean | bench | update | tree | metadata | add | remove | rm | fetch | new | init | search | version | locate-project | fix | generate-lockfile | pkgid | vendor | package | info | help | nextest run | nextest list | machete | audit | deny check | llvm-cov | expand | outdated | verify-project | read-manifest | report',
      ),
    },
  ],
  [
    'go',
    {
      ordinary: list(
        'build | test | vet | run | mod | list | fmt | doc | env | version | get | install | clean | work | generate | help | tool cover | tool pprof | tool nm | tool objdump | bug-report',
      ),
    },
  ],
  [
    'docker',
    {
      exactOnly: [
        '-H',
        '--host',
        '-c',
        '--context',
        '--config',
        '--tlscacert',
        '-v',
        '--volume',
        '--mount',
        '--privileged',
        '--pid',
        '--net',
        '--network',
        '--ipc',
        '--userns',
        '--uts',
        '--device',
        '--cap-add',
        '--security-opt',
        '--volumes-from',
        '--env-file',
        '--cgroupns',
        '--output',
        '-o',
        '--secret',
        '--ssh',
        '--build-context',
      ],
      globalValues: ['--log-level', '-l'],
      ordinary: list(
        'ps | images | logs | inspect | version | info | stats | top | diff | history | port | events | network ls | network list | network inspect | volume ls | volume list | volume inspect | container ls | container list | container logs | container inspect | image ls | image list | image inspect | image history | system df | system info | compose ps | compose logs | compose config | compose up | compose down | compose stop | compose start | compose restart | compose build | compose pull | compose images | compose top | compose ls | compose version | compose create | compose pause | compose unpause | compose wait | build | buildx build | buildx ls | buildx inspect | pull | start | stop | restart | tag | search | context ls | context show | wait | pause | unpause',
      ),
    },
  ],
  [
    'docker-compose',
    {
      exactOnly: ['-H', '--host'],
      ordinary: list('ps | logs | config | up | down | stop | start | restart | build | pull | images | top | version'),
    },
  ],
  [
    'kubectl',
    {
      globalValues: ['-n', '--namespace', '--context', '--cluster', '-o', '--output'],
      exactOnly: [
        '--kubeconfig',
        '-s',
        '--server',
        '--token',
        '--as',
        '--insecure-skip-tls-verify',
        '--certificate-authority',
        '--cache-dir',
        '--raw',
      ],
      ordinary: list(
        'get | describe | logs | version | api-resources | api-versions | explain | top | config view | config current-context | config get-contexts | config get-clusters | rollout status | rollout history | diff | cluster-info | auth can-i | auth whoami | events | kustomize | wait',
      ),
    },
  ],
  [
    'helm',
    {
      exactOnly: ['--post-renderer', '--kubeconfig', '--kube-apiserver', '--registry-config', '--repository-config'],
      globalValues: ['-n', '--namespace', '--kube-context'],
      ordinary: list(
        'list | ls | status | template | lint | version | show | search | history | get | dependency list | dependency ls | env | repo list | verify | help',
      ),
    },
  ],
  [
    'terraform',
    {
      exactOnly: ['-chdir', '-plugin-dir', '-backend-config', '-from-module', '-state', '-out'],
      ordinary: list(
        'plan | fmt | validate | init | show | output | version | providers | state list | state show | graph | workspace list | workspace show | get | test | metadata',
      ),
    },
  ],
  [
    'gh',
    {
      globalValues: ['-R', '--repo'],
      exactOnly: [
        '-X',
        '--method',
        '-f',
        '--raw-field',
        '-F',
        '--field',
        '--input',
        '--hostname',
        '-H',
        '--show-token',
        '-t',
        '--web',
        '-w',
      ],
      ordinary: list(
        'pr list | pr ls | pr view | pr status | pr diff | pr checks | issue list | issue ls | issue view | issue status | run list | run ls | run view | run watch | repo view | repo list | repo ls | release list | release ls | release view | workflow list | workflow ls | workflow view | api | auth status | search | label list | gist list | gist view | status | version | help | cache list | project list | project view | ruleset list | ruleset view | variable list | secret list | org list | config get | config list | alias list | extension list',
      ),
    },
  ],
  [
    'dotnet',
    {
      ordinary: list(
        'build | test | run | restore | clean | format | list | new list | sln | add | remove | --info | --version | --list-sdks | --list-runtimes | msbuild | pack | publish | watch | ef migrations list | tool restore | tool list | help',
      ),
      exactOnly: ['--project-outside'],
    },
  ],
  [
    'composer',
    {
      ordinary: list(
        'install | i | update | u | require | r | remove | rm | show | outdated | validate | dump-autoload | dumpautoload | why | depends | why-not | prohibits | audit | check | check-platform-reqs | status | licenses | fund | test | run-script | run | about | diagnose | search | suggests | init',
      ),
    },
  ],
  [
    'bundle',
    {
      ordinary: list(
        'install | update | check | list | show | info | outdated | lock | add | remove | doctor | exec | config list | config get | platform | viz | version | licenses | clean',
      ),
    },
  ],
  [
    'gem',
    {
      ordinary: list(
        'install | list | search | info | outdated | dependency | environment | env | contents | which | specification | help | check | pristine | uninstall | update',
      ),
    },
  ],
  [
    'poetry',
    {
      ordinary: list(
        'install | update | add | remove | lock | show | build | check | run | version | env info | env list | config --list | search | export | about | sync | new | init | shell-list',
      ),
    },
  ],
  [
    'uv',
    {
      ordinary: list(
        'sync | add | remove | lock | tree | run | venv | init | version | pip install | pip list | pip freeze | pip show | pip check | pip sync | pip compile | pip tree | pip uninstall | python list | python find | build | export | tool list | tool dir | cache dir | format',
      ),
    },
  ],
  [
    'pipenv',
    {
      ordinary: list(
        'install | sync | lock | graph | check | verify | run | update | uninstall | requirements | scripts | clean',
      ),
    },
  ],
  ['conda', { ordinary: list('list | info | search | env list | env export | install | update | create | remove') }],
  ['brew', { ordinary: list('list | ls | info | search | outdated | deps | uses | leaves | doctor | config | home') }],
  ['aws', { ordinary: list('--version | configure list | s3 ls | sts get-caller-identity | help') }],
  ['gcloud', { ordinary: list('version | info | config list | projects list | auth list | help') }],
  ['az', { ordinary: list('version | account show | account list | group list') }],
  [
    'glab',
    {
      ordinary: list(
        'mr list | mr view | mr diff | issue list | issue view | ci status | ci view | ci list | repo view | version',
      ),
    },
  ],
  [
    'openssl',
    {
      ordinary: list(
        'rand | version | dgst | x509 | enc | base64 | req | rsa | genrsa | genpkey | pkey | pkcs8 | pkcs12 | ec | ecparam | verify | asn1parse | passwd | prime | sha256 | sha1 | md5 | crl | list | speed',
      ),
      exactOnly: ['-engine', '-provider', '-provider-path', '-config', '-writerand', '-rand', '-CAserial'],
    },
  ],
  ['uvx', { ordinary: [] }],
]);

const aliases: ReadonlyMap<string, string> = new Map([
  ['pip3', 'pip'],
  ['podman', 'docker'],
  ['nerdctl', 'docker'],
  ['k', 'kubectl'],
  ['tofu', 'terraform'],
  ['oc', 'kubectl'],
  ['pnpx', 'pnpm'],
]);

/** Problems of a program with subcommands; empty for other programs. Reads each word once. */
export function inspectSubcommand(name: string, tokens: readonly Token[]): Problem[] {
  const known = table.get(aliases.get(name) ?? name);
  if (known === undefined) return [];
  const problems: Problem[] = [];
  const exact = new Set(known.exactOnly ?? []);
  const values = new Set(known.globalValues ?? []);
  const words: { value: string; at: number }[] = [];
  for (let i = 1; i < tokens.length; i++) {
    const { value } = tokens[i] ?? { value: '' };
    if (value === '--' && words.length > 0) break;
    if (value.startsWith('-')) {
      const bare = value.split('=')[0] ?? '';
      const short = /^-[A-Za-z]/.test(value) ? value.slice(0, 2) : '';
      if (
        exact.has(bare) ||
        (exact.has(short) && name !== 'terraform' && name !== 'openssl' && !value.startsWith('--'))
      )
        problems.push({ code: 'COMMAND_ARGUMENT_UNCERTAIN', subject: `${name} ${bare}`, exactEntryLifts: true });
      if (values.has(value)) i++;
    } else if (words.length < 2) words.push({ value, at: i });
  }
  const [first, second] = words;
  if (first === undefined) return problems;
  const two = second === undefined ? first.value : `${first.value} ${second.value}`;
  const starts = (entries: readonly string[]): boolean =>
    entries.some((entry) => entry === first.value || entry === two);
  const unusual = known.special === undefined ? !starts(known.ordinary) : starts(known.special);
  const listing = second !== undefined && unusual && hasPair(known, first.value);
  if (unusual)
    problems.push({
      code: 'COMMAND_RUNS_PROGRAM',
      subject: `${name} ${listing ? two : first.value}`.slice(0, 200),
      liftedByWords: (listing ? (second?.at ?? first.at) : first.at) + 1,
    });
  return problems;
}

/** Whether some ordinary pair begins with the word, so that the second word tells what is done. */
function hasPair(known: Subcommands, first: string): boolean {
  return [...known.ordinary, ...(known.special ?? [])].some((entry) => entry.startsWith(`${first} `));
}
