import { homedir, platform } from 'node:os';
import { join } from 'node:path';

/** The runtime's configuration, from its environment. */
export interface RuntimeConfig {
  readonly home: string;
  readonly services: {
    readonly session: string;
    readonly workspace: string;
    readonly approval: string;
    readonly audit: string;
    /** Absent: no telemetry. */
    readonly telemetry?: string;
    /** Absent: no backend tools. */
    readonly tools?: string;
    readonly policyJwks: string;
  };
  readonly gateway: {
    readonly endpoint: string;
    readonly token: string;
    readonly stallMs?: number;
    readonly firstByteMs?: number;
  };
  readonly preferredModel?: string;
  readonly demoModel: boolean;
  /** Socket or pipe to serve besides stdio. */
  readonly socketPath?: string;
  readonly sandbox: 'auto' | 'off';
  /** Length in bytes from which a journal is compacted. */
  readonly journalCompactBytes?: number;
}

/** Variables that hold secrets or steer this process; tools never see them. */
const hidden = /^(?:LLM_GATEWAY_.*|STEWARD_.*|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|[A-Z]+_SERVICE_URL|POLICY_JWKS_URL)$/;

/** Reads and checks the environment; throws an Error that names the variable and what it must be. */
export function readConfig(env: NodeJS.ProcessEnv): RuntimeConfig {
  const url = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '')
      throw new Error(`${name} is not set. Set it to the address of the service.`);
    if (!URL.canParse(value) || !/^https?:/.test(value)) throw new Error(`${name} is not an http or https address.`);
    return value;
  };
  const positive = (name: string, unit: string): number | undefined => {
    const value = env[name];
    if (value === undefined || value === '') return undefined;
    const number = Number(value);
    if (!(number > 0)) throw new Error(`${name} must be a positive number of ${unit}.`);
    return number;
  };
  const seconds = (name: string): number | undefined => {
    const value = positive(name, 'seconds');
    return value === undefined ? undefined : value * 1000;
  };
  const journalCompactBytes = positive('STEWARD_JOURNAL_COMPACT_BYTES', 'bytes');
  const stallMs = seconds('STEWARD_GATEWAY_STALL_SECONDS');
  const firstByteMs = seconds('STEWARD_GATEWAY_FIRST_BYTE_SECONDS');
  const preferredModel = env['STEWARD_MODEL'];
  const socketPath = env['STEWARD_RUNTIME_SOCKET'];
  return Object.freeze({
    home: env['STEWARD_HOME'] ?? defaultHome(env),
    services: {
      session: url('SESSION_SERVICE_URL'),
      workspace: url('WORKSPACE_SERVICE_URL'),
      approval: url('APPROVAL_SERVICE_URL'),
      audit: url('AUDIT_SERVICE_URL'),
      ...(env['TOOLS_SERVICE_URL'] ? { tools: url('TOOLS_SERVICE_URL') } : {}),
      ...(env['TELEMETRY_SERVICE_URL'] ? { telemetry: url('TELEMETRY_SERVICE_URL') } : {}),
      policyJwks: url('POLICY_JWKS_URL'),
    },
    gateway: {
      endpoint: url('LLM_GATEWAY_ENDPOINT'),
      token: env['LLM_GATEWAY_AUTH_TOKEN'] ?? '',
      ...(stallMs === undefined ? {} : { stallMs }),
      ...(firstByteMs === undefined ? {} : { firstByteMs }),
    },
    ...(preferredModel === undefined || preferredModel === '' ? {} : { preferredModel }),
    demoModel: env['STEWARD_DEMO_MODEL'] === '1',
    ...(socketPath === undefined || socketPath === '' ? {} : { socketPath }),
    sandbox: env['STEWARD_SANDBOX'] === 'off' ? 'off' : 'auto',
    ...(journalCompactBytes === undefined ? {} : { journalCompactBytes }),
  });
}

/** The environment that tools may know: everything but this process's own settings and secrets. */
export function toolEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !hidden.test(name)));
}

function defaultHome(env: NodeJS.ProcessEnv): string {
  if (platform() === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Steward');
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Steward');
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'steward');
}
