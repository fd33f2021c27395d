import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { StewardError } from '@steward/sdk';

/** Names of the services that the desktop knows. */
export type ServiceName = 'session' | 'policy' | 'workspace' | 'approval' | 'audit' | 'telemetry' | 'tools';

/** What the host needs to know about the stack it works with. Holds no secret of a person. */
export interface StackDescription {
  /** Base addresses with version, such as `https://127.0.0.1:7001/v1`. */
  readonly services: Readonly<Partial<Record<ServiceName, string>>>;
  /** Exact issuer of the identity provider. */
  readonly issuer: string;
  /** The desktop as the provider knows it. */
  readonly clientId: string;
  /** Certificates to trust besides the system's, PEM; undefined when the services use public ones. */
  readonly caFile: string | undefined;
  /** Folder of all data on this machine. */
  readonly home: string;
  /** How an agent runtime is started; `env` may hold secrets and goes to the runtime only. */
  readonly runtime: { readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> };
  /** Name to show until a conversation says which model it uses. */
  readonly model: string;
  /** True when the stand-in model of the local stack answers. */
  readonly demoModel: boolean;
}

/** Reads the description that the stack wrote; refuses one that is incomplete, naming the field. */
export async function readStackFile(path: string): Promise<StackDescription> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw refusal(`The stack's description ${path} can't be read. Start the stack first: npm run stack.`, cause);
  }
  return parseStackDescription(content);
}

/** Checks a parsed description. */
export function parseStackDescription(content: unknown): StackDescription {
  const stack = record(content, 'the description');
  const runtime = record(stack['runtime'], 'runtime');
  const command = runtime['command'];
  if (!Array.isArray(command) || command.length === 0 || !command.every((part) => typeof part === 'string')) {
    throw refusal('The stack description has no runtime.command.');
  }
  const home = text(stack['home'], 'home');
  if (!isAbsolute(home)) throw refusal(`The stack description's home must be an absolute path, not ${home}.`);
  const caFile = stack['caFile'];
  const demoModel = stack['demoModel'] === true;
  return {
    services: textValues(record(stack['services'], 'services')),
    issuer: text(stack['issuer'], 'issuer'),
    clientId: optionalText(stack['clientId']) ?? 'steward-desktop',
    caFile: optionalText(caFile),
    home,
    runtime: { command: command as string[], env: textValues(record(runtime['env'] ?? {}, 'runtime.env')) },
    model: optionalText(stack['model']) ?? (demoModel ? 'demo model' : 'model of the gateway'),
    demoModel,
  };
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refusal(`In the stack description ${name} must be an object.`);
  }
  return value as Record<string, unknown>;
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw refusal(`The stack description has no ${name}.`);
  return value;
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textValues(value: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function refusal(message: string, cause?: unknown): StewardError {
  return new StewardError('INVALID_REQUEST', message, cause === undefined ? {} : { cause });
}
