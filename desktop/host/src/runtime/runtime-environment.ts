/** What an agent runtime may inherit from the desktop: what programs need to run, nothing that may be a secret. */
const inherited = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'TERM',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'XDG_CACHE_HOME',
  'XDG_DATA_HOME',
  'NODE_EXTRA_CA_CERTS',
  // Windows programs do not start without these.
  'SYSTEMROOT',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'APPDATA',
  'LOCALAPPDATA',
  'USERPROFILE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'HOMEDRIVE',
  'HOMEPATH',
]);

/**
 * Keeps glibc's memory flat over a long conversation: one heap for all threads, since each further one is split and kept
 * by itself, and a fixed size from which memory is mapped, since otherwise the first large buffer that is freed raises it
 * and later ones split the heap (mallopt(3): M_ARENA_MAX, M_MMAP_THRESHOLD). Other systems know nothing of it.
 */
const steadyMemory = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' };

/**
 * The whole environment of a runtime process: an allow-list of the desktop's own, then what the stack gives.
 * Everything else is left out, so that a token in the desktop's environment never reaches a tool.
 */
export function runtimeEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(own).filter((entry): entry is [string, string] => {
    const name = entry[0].toUpperCase();
    return entry[1] !== undefined && (inherited.has(name) || name.startsWith('LC_'));
  });
  return { ...Object.fromEntries(kept), ...steadyMemory, ...given };
}
