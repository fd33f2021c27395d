type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of the person's environment that any process needs to run at all, or to be observed. */
const PASSED_ON = new Set(
  'PATH HOME USERPROFILE SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT TEMP TMP TMPDIR LANG LANGUAGE TZ LOG_LEVEL'.split(
    ' ',
  ),
);
/** Settings of services that a person may change. */
const SERVICE_SETTINGS = [
  'BUNDLE_LIFETIME_SECONDS',
  'CHAIN_CHECK_SECONDS',
  'CONTEXT_SUMMARIES',
  'PURGE_INTERVAL_SECONDS',
  'RATE_LIMITS',
];
const PASSED_ON_PREFIXES = ['LC_', 'OTEL_'];

/**
 * The environment that stack processes start from: what a program needs, and none of the person's other variables,
 * which may hold secrets.
 */
export function baseEnvironment(env: Environment): Record<string, string> {
  return definedOnly(
    Object.entries(env).filter(
      ([name]) =>
        PASSED_ON.has(name.toUpperCase()) ||
        SERVICE_SETTINGS.includes(name) ||
        PASSED_ON_PREFIXES.some((prefix) => name.startsWith(prefix)),
    ),
  );
}

/** The person's whole environment, for the desktop, which acts as the person. */
export function personEnvironment(env: Environment): Record<string, string> {
  return definedOnly(Object.entries(env));
}

function definedOnly(entries: readonly (readonly [string, string | undefined])[]): Record<string, string> {
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}
