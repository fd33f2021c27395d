import type { Capability, PolicyContent } from '@steward/contracts';

/** Places that hold keys and sign-ins; no starter policy lets an agent near them. */
export const secretPlaces: readonly string[] = [
  '${home}/.ssh',
  '${home}/.aws',
  '${home}/.azure',
  '${home}/.config/gcloud',
  '${home}/.config/gh',
  '${home}/.kube',
  '${home}/.docker',
  '${home}/.gnupg',
  '${home}/.netrc',
  '${home}/.git-credentials',
  '${home}/.npmrc',
  '${home}/.pypirc',
  '${home}/.password-store',
  '${home}/.local/share/keyrings',
  '${home}/.mozilla',
  '${home}/.config/google-chrome',
  '${home}/Library/Keychains',
  '${home}/Library/Application Support/Google/Chrome',
  '${home}/AppData/Local/Google/Chrome',
  '${home}/AppData/Roaming/Microsoft/Credentials',
  '${home}/.steward',
  '/etc/shadow',
  '/etc/sudoers',
  '/proc',
];

/** What tools obey without being asked: changing it would change what later, allowed commands do. */
export const controlPlaces: readonly string[] = ['**/.git', '**/.husky', '**/.vscode', '**/.idea', '**/.devcontainer', '**/.envrc', '**/.mcp.json', '**/.cursor', '**/.claude', '**/.steward'];

/** Programs that only look, and say what they see. */
export const readingCommands: readonly string[] = [
  'ls', 'cat', 'head', 'tail', 'wc', 'grep', 'egrep', 'fgrep', 'rg', 'find', 'file', 'stat', 'du', 'df', 'tree', 'diff', 'cmp', 'comm', 'sort', 'uniq', 'cut', 'tr', 'nl', 'tac', 'jq', 'sed', 'awk',
  'pwd', 'echo', 'printf', 'date', 'basename', 'dirname', 'realpath', 'readlink', 'which', 'type', 'command', 'test', '[', 'true', 'false', 'sleep', 'seq', 'md5sum', 'sha1sum', 'sha256sum', 'xxd', 'hexdump', 'od', 'strings', 'column', 'uname', 'whoami', 'id', 'hostname', 'nproc', 'uptime',
  'git status', 'git diff', 'git log', 'git show', 'git branch --show-current', 'git branch --list', 'git branch -a', 'git branch -v', 'git rev-parse', 'git ls-files', 'git ls-tree', 'git blame', 'git describe', 'git shortlog', 'git rev-list', 'git cat-file', 'git grep', 'git merge-base', 'git remote -v', 'git stash list', 'git tag --list', 'git config --get', 'git config --list', 'git --version',
  'node --version', 'node -v', 'npm --version', 'npm -v', 'npm ls', 'npm list', 'python --version', 'python3 --version', 'tsc --version', 'cargo --version', 'rustc --version', 'go version', 'java -version', 'make --version', 'gcc --version',
];

/** Commands that run what the project contains. */
export const projectCommands: readonly string[] = [
  'npm test', 'npm t', 'npm run', 'npm start', 'npm run-script', 'npm exec', 'npx', 'yarn test', 'yarn run', 'yarn build', 'yarn lint', 'pnpm test', 'pnpm run', 'pnpm build', 'pnpm lint', 'pnpm exec', 'bun test', 'bun run',
  'node', 'tsc', 'tsx', 'eslint', 'prettier', 'jest', 'vitest', 'mocha', 'python', 'python3', 'pytest', 'ruff', 'mypy', 'black', 'cargo build', 'cargo test', 'cargo check', 'cargo clippy', 'cargo fmt', 'cargo run', 'go build', 'go test', 'go vet', 'go run', 'gofmt', 'make', 'mvn test', 'mvn compile', 'mvn package', 'gradle test', 'gradle build', './gradlew', './mvnw', 'dotnet build', 'dotnet test',
];

/** Commands that are never the right way. */
export const dangerousCommands: readonly string[] = ['sudo', 'doas', 'pkexec', 'su', 'rm -rf /', 'mkfs', 'mkfs.ext4', 'dd', 'shutdown', 'reboot', 'halt', 'poweroff', 'chroot', 'mount', 'umount', 'insmod', 'modprobe', 'iptables', 'nft', 'crontab', 'at', 'systemctl', 'launchctl', 'useradd', 'usermod', 'passwd', 'visudo', 'nc', 'ncat', 'netcat', 'socat', 'telnet', 'git push --force', 'npm publish', 'npm login', 'npm adduser', 'diskutil', 'format', 'reg', 'schtasks'];

/** Any model that the gateway offers, with budgets that fit long work. */
export const generousModels: PolicyContent['llmPolicy'] = {
  allowedModels: ['*'],
  maxInputTokens: 200_000,
  maxOutputTokens: 16_000,
  maxSessionTokens: 2_000_000,
};

/** Calls of the model itself. */
export const modelCalls: Capability = { name: 'LLM.Call', requiresApproval: false, unlisted: 'deny' };

/** Keys and tokens are taken out of everything that leaves the machine. */
export const redaction: PolicyContent['redactionRules'] = [{ ruleId: 'redact-known-secrets', kind: 'detectors', label: 'secret' }];
