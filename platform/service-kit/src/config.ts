/** Environment variables as a process gets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What every service is told by its environment. */
export interface ServiceConfig {
  /** First part of every table and bucket name. */
  readonly env: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Absent: plain HTTP, for a proxy that terminates TLS on the same machine. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly oidc: {
    readonly issuer: string;
    readonly audiences: readonly string[];
    readonly clientId?: string;
    readonly clientSecret?: string;
    /** Accepted `typ` headers of access tokens. */
    readonly tokenTypes: readonly string[];
    /** How it is known that a token was taken back. */
    readonly revocation: RevocationConfig;
  };
  /** False only where nobody but tests can reach the service. */
  readonly rateLimits: boolean;
  /** Origins whose pages may read answers. */
  readonly corsOrigins: readonly string[];
  readonly store: 'dynamo' | 'memory';
  /** Name → base URL with version, of every service that was named. */
  readonly serviceUrls: Readonly<Partial<Record<ServiceName, string>>>;
}

/**
 * `introspection`: ask the provider about each token (RFC 7662), at `url` or where it publishes. `list`: read the list
 * that the provider publishes at `url`. `none`: tokens only expire.
 */
export type RevocationConfig =
  | { readonly kind: 'introspection'; readonly url?: string }
  | { readonly kind: 'list'; readonly url: string }
  | { readonly kind: 'none' };

/** Names of the services. */
export type ServiceName = 'session' | 'policy' | 'workspace' | 'approval' | 'audit' | 'telemetry' | 'tools';

const serviceNames: readonly ServiceName[] = [
  'session',
  'policy',
  'workspace',
  'approval',
  'audit',
  'telemetry',
  'tools',
];

/** Thrown at start when the environment is unusable; the message names the variable and the rule. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the common part of a service's configuration; frozen. Throws ConfigError. */
export function readServiceConfig(environment: Environment): ServiceConfig {
  const certFile = optional(environment, 'TLS_CERT_FILE');
  const keyFile = optional(environment, 'TLS_KEY_FILE');
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new ConfigError('TLS_CERT_FILE and TLS_KEY_FILE are given together or not at all.');
  const clientId = optional(environment, 'OIDC_CLIENT_ID');
  const clientSecret = optional(environment, 'OIDC_CLIENT_SECRET');
  return deepFreeze({
    env: optional(environment, 'STEWARD_ENV') ?? 'local',
    host: optional(environment, 'HOST') ?? '127.0.0.1',
    port: integer(environment, 'PORT', { min: 0, max: 65_535, fallback: 0 }),
    ...(certFile === undefined || keyFile === undefined ? {} : { tls: { certFile, keyFile } }),
    oidc: {
      issuer: issuerOf(environment),
      audiences: wordsOf(required(environment, 'OIDC_AUDIENCES')),
      ...(clientId === undefined ? {} : { clientId }),
      ...(clientSecret === undefined ? {} : { clientSecret }),
      tokenTypes: wordsOf(optional(environment, 'OIDC_TOKEN_TYPES') ?? 'at+jwt'),
      revocation: revocationOf(environment),
    },
    rateLimits: oneOf(environment, 'RATE_LIMITS', ['on', 'off'] as const, 'on') === 'on',
    corsOrigins: wordsOf(optional(environment, 'CORS_ORIGINS') ?? '').map(originOf),
    store: oneOf(environment, 'STEWARD_STORE', ['dynamo', 'memory'] as const, 'dynamo'),
    serviceUrls: Object.fromEntries(
      serviceNames.flatMap((name) => {
        const variable = `${name.toUpperCase()}_SERVICE_URL`;
        return optional(environment, variable) === undefined ? [] : [[name, url(environment, variable)]];
      }),
    ),
  });
}

/** Exactly as given: tokens repeat the issuer letter by letter, a final slash included. */
function issuerOf(environment: Environment): string {
  url(environment, 'OIDC_ISSUER');
  return required(environment, 'OIDC_ISSUER');
}

function revocationOf(environment: Environment): RevocationConfig {
  const kind = oneOf(environment, 'OIDC_REVOCATION', ['introspection', 'list', 'none'] as const, 'introspection');
  const isGiven = optional(environment, 'OIDC_REVOCATION_URL') !== undefined;
  if (kind === 'none') return { kind };
  if (kind === 'list' && !isGiven)
    throw new ConfigError('OIDC_REVOCATION_URL is not set; OIDC_REVOCATION=list reads it.');
  const where = isGiven ? url(environment, 'OIDC_REVOCATION_URL') : undefined;
  if (kind === 'list') return { kind, url: where ?? '' };
  return { kind, ...(where === undefined ? {} : { url: where }) };
}

function wordsOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function originOf(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new ConfigError(`CORS_ORIGINS holds ${text}, which is no origin such as https://app.example.com.`);
}

/** The variable's value; undefined when absent or empty. */
export function optional(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}

/** The variable's value; throws ConfigError when absent or empty. */
export function required(environment: Environment, name: string): string {
  const value = optional(environment, name);
  if (value === undefined) throw new ConfigError(`${name} is not set.`);
  return value;
}

/** A whole number within limits. */
export function integer(
  environment: Environment,
  name: string,
  rule: { min: number; max: number; fallback: number },
): number {
  const text = optional(environment, name);
  if (text === undefined) return rule.fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= rule.min && value <= rule.max) return value;
  throw new ConfigError(`${name} must be a whole number from ${rule.min} to ${rule.max}.`);
}

/** An http or https URL without credentials and trailing slash. */
export function url(environment: Environment, name: string): string {
  const text = required(environment, name);
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const isUsable =
    parsed !== undefined &&
    ['http:', 'https:'].includes(parsed.protocol) &&
    parsed.username === '' &&
    parsed.password === '';
  if (!isUsable) throw new ConfigError(`${name} must be an http or https URL without credentials.`);
  return text.replace(/\/$/, '');
}

/** One of the allowed words. */
export function oneOf<T extends string>(environment: Environment, name: string, allowed: readonly T[], fallback: T): T {
  const text = optional(environment, name) ?? fallback;
  const found = allowed.find((word) => word === text);
  if (found === undefined) throw new ConfigError(`${name} must be one of ${allowed.join(', ')}.`);
  return found;
}

/** Freezes the value and everything in it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
