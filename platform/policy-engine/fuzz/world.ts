import type { PolicyBundle, PolicyFacts } from '@steward/contracts';

/** Programs that the policy of the fuzz allows; all of them exist on a plain Linux system. */
export const allowedPrograms = (
  'ls cat head tail wc grep find sed awk sort uniq cut tr echo printf pwd cp mv rm mkdir touch tee xargs env timeout nice ' +
  'nohup bash sh diff cmp comm paste join basename dirname date seq tac rev nl fold git test [ true false split tar stat'
).split(' ');

/** Programs that the policy blocks or does not name. In the sandbox each is a trap that tells when it is started. */
export const trapPrograms = (
  'evil sudo curl wget nc perl python3 node vim ed dd ln chmod install rsync ssh make gcc less man gdb watch script base64 ' +
  'openssl truncate shred mktemp id whoami hostname crontab kill ps xxd od'
).split(' ');

/** Content of files that no allowed command may show. */
export const secretText = 'CANARY7f3a9SECRET';

/** The machine inside the sandbox. */
export const facts: PolicyFacts = {
  platform: 'linux',
  cwd: '/work/app',
  workspaceDir: '/work/app',
  homeDir: '/home/alice',
  realPaths: { '/work/app/up': '/work', '/work/app/etc': '/outside', '/work/app/key': '/outside/secret' },
};

/** The project before every command, by path; links by their target. */
export const project = {
  files: {
    'a.txt': 'alpha\nbeta\n',
    'b.txt': 'one\ntwo\nthree\n',
    'list.txt': '/outside/secret\n',
    'evil.txt': 'evil\n',
    'src/x.ts': 'export const x = 1;\n',
    'src/y.ts': 'export const y = 2;\n',
    'sub/c.txt': 'gamma\n',
    'script.sh': 'echo script\n',
    'secrets/token': `${secretText}\n`,
    '.git/config':
      '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n',
    '.git/HEAD': 'ref: refs/heads/main\n',
    '.git/objects/.keep': '',
    '.git/refs/.keep': '',
    '.git/hooks/.keep': '',
  } as Readonly<Record<string, string>>,
  links: { up: '/work', etc: '/outside', key: '/outside/secret' } as Readonly<Record<string, string>>,
};

/** Files beside the project that must stay as they are. */
export const outside: Readonly<Record<string, string>> = {
  '/outside/secret': `${secretText}\n`,
  '/outside/target': 'target\n',
  '/home/alice/.bashrc': '# home\n',
  '/home/alice/.ssh/id_rsa': `${secretText}\n`,
  '/work/other': `${secretText}\n`,
};

/** Everything inside the project is allowed but its secrets and git's own files; nothing outside is. */
export const bundle: PolicyBundle = {
  policyBundleVersion: 1,
  schemaVersion: 1,
  tenantId: 'acme',
  userId: 'alice',
  sessionId: 'sess_01JF0000000000000000000000',
  issuedAt: '2026-02-21T15:00:00.000Z',
  expiresAt: '2026-02-21T16:00:00.000Z',
  policyName: 'Fuzz',
  killSwitch: false,
  zone: 'sandbox',
  capabilities: [
    {
      name: 'File.Read',
      allowedPaths: ['${workspace}'],
      blockedPaths: ['${workspace}/secrets'],
      requiresApproval: false,
    },
    {
      name: 'File.Write',
      allowedPaths: ['${workspace}'],
      blockedPaths: ['${workspace}/secrets', '**/.git'],
      requiresApproval: false,
    },
    {
      name: 'File.Delete',
      allowedPaths: ['${workspace}'],
      blockedPaths: ['${workspace}/secrets', '**/.git'],
      requiresApproval: false,
    },
    {
      name: 'Shell.Exec',
      allowedCommands: allowedPrograms,
      blockedCommands: ['evil', 'sudo'],
      requiresApproval: false,
      unlisted: 'deny',
    },
  ],
  llmPolicy: { allowedModels: [], maxInputTokens: 0, maxOutputTokens: 0, maxSessionTokens: 0 },
  approvalRules: [],
  redactionRules: [],
  mcpServers: [],
  offlineGraceSeconds: 0,
};
