import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readTextIfPresent, writePrivateFile } from '../home/private-file.ts';
import { SERVICE_NAMES } from '../identity-provider/service-names.ts';
import type { ServiceName } from '../identity-provider/service-names.ts';
import { StartError } from './start-error.ts';

/** Everything that listens, in the order in which `--port N` numbers it. */
export const PORT_NAMES = ['app', 'identityProvider', 'gateway', 'database', ...SERVICE_NAMES] as const;

/** Name of a port. */
type PortName = 'app' | 'identityProvider' | 'gateway' | 'database' | ServiceName;

/** One loopback port per name. */
export type Ports = Readonly<Record<PortName, number>>;

/** Asks the machine about its ports. */
export interface PortProbe {
  /** True when nothing listens on this loopback port. */
  isFree(port: number): Promise<boolean>;
  /** A free loopback port, another one at each call. */
  freePort(): Promise<number>;
}

/** The real machine. */
export const machinePorts: PortProbe = { isFree, freePort };

/**
 * Chooses the ports of a start: from `first` on when given (a busy one throws {@link StartError}), else those of the
 * last start where they are still free, so that addresses, and with them sign-ins, stay valid.
 */
export async function choosePorts(
  runFolder: string,
  first: number | undefined,
  probe: PortProbe = machinePorts,
): Promise<Ports> {
  const path = join(runFolder, 'ports.json');
  const remembered = first === undefined ? await readRemembered(path) : {};
  const entries: [PortName, number][] = [];
  for (const [index, name] of PORT_NAMES.entries()) {
    const wanted = first === undefined ? remembered[name] : first + index;
    const free = wanted !== undefined && (await probe.isFree(wanted));
    if (first !== undefined && !free) {
      throw new StartError(
        `Port ${wanted} is in use by another program. Choose another range with --port N, or leave --port out.`,
      );
    }
    entries.push([name, free ? wanted : await unusedPort(probe, new Set(entries.map(([, port]) => port)))]);
  }
  const ports = Object.fromEntries(entries) as Ports;
  await writePrivateFile(path, `${JSON.stringify(ports)}\n`);
  return ports;
}

async function readRemembered(path: string): Promise<Partial<Record<PortName, number>>> {
  try {
    const value: unknown = JSON.parse((await readTextIfPresent(path)) ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter(([, port]) => Number.isInteger(port) && port > 0 && port < 65536),
    );
  } catch {
    // The file is a convenience; without it the ports are new.
    return {};
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

async function unusedPort(probe: PortProbe, taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = await probe.freePort();
    if (!taken.has(port)) return port;
  }
}
