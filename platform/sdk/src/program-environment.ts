const everywhere = [
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
/** Programs on Windows do not start without most of these. */
const onWindows = [
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'WINDIR',
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
  'PROGRAMDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'NUMBER_OF_PROCESSORS',
  'PROCESSOR_ARCHITECTURE',
  'OS',
];
const wantedOnWindows = new Set([...everywhere, ...onWindows]);
const wantedElsewhere = new Set(everywhere);

/**
 * What a program that Steward starts may inherit: an allow-list of what programs need to run and to find their tools,
 * without tokens, proxies or anything that changes how programs load code. Names keep their spelling; on Windows, where
 * case means nothing, they are found in any. Returns a new object.
 */
export function programEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Record<string, string> {
  const inherited: Record<string, string> = {};
  const isWindows = platform === 'win32';
  const wanted = isWindows ? wantedOnWindows : wantedElsewhere;
  for (const [name, value] of Object.entries(env)) {
    const key = isWindows ? name.toUpperCase() : name;
    if (value !== undefined && (wanted.has(key) || key.startsWith('LC_'))) inherited[name] = value;
  }
  return inherited;
}
