const kept = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'JAVA_HOME',
  'GOPATH',
  'GOROOT',
  'CARGO_HOME',
  'RUSTUP_HOME',
  'NVM_DIR',
  'VOLTA_HOME',
  'PYENV_ROOT',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  'XDG_DATA_HOME',
  'XDG_CONFIG_HOME',
  'XDG_CACHE_HOME',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
];
const keptOnWindows = [
  'SystemRoot',
  'SystemDrive',
  'windir',
  'COMSPEC',
  'PATHEXT',
  'TEMP',
  'TMP',
  'USERPROFILE',
  'USERNAME',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'ProgramData',
  'ProgramFiles',
  'ProgramFiles(x86)',
  'NUMBER_OF_PROCESSORS',
  'PROCESSOR_ARCHITECTURE',
  'OS',
];

/** Name of the variable by which the processes of one tool call are found again. */
export const markerName = 'STEWARD_TOOL_CALL';

/**
 * The environment of a command: an allow-list of the runtime's own, without tokens, proxies or anything that changes
 * how programs load code; made for a program that nobody can answer.
 */
export function commandEnvironment(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  marker: string,
): Record<string, string> {
  const out: Record<string, string> = {};
  const names = platform === 'win32' ? [...kept, ...keptOnWindows] : kept;
  const wanted = new Set(platform === 'win32' ? names.map((name) => name.toUpperCase()) : names);
  for (const [name, value] of Object.entries(env)) {
    const key = platform === 'win32' ? name.toUpperCase() : name;
    if (value !== undefined && (wanted.has(key) || key.startsWith('LC_'))) out[name] = value;
  }
  return {
    ...out,
    TERM: 'dumb',
    NO_COLOR: '1',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GIT_TERMINAL_PROMPT: '0',
    [markerName]: marker,
  };
}
