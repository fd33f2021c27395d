import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { McpServer } from '@steward/contracts';
import { isPrivateAddress, parseTarget, type Target } from '@steward/policy-engine';
import { StewardError } from '@steward/sdk';
import type { ToolWalls } from '@steward/tool-port';
import { createEgressFetch } from '../egress/egress-fetch.ts';
import { commandEnvironment } from '../platform/environment.ts';
import { processTreeOf } from '../platform/process-tree.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { ToolContext } from '../tools/tool.ts';

/** A server that answered `initialize`. */
export interface Connection {
  readonly client: Client;
  /** Closes the connection and ends the server's processes. */
  close(): Promise<void>;
}

const connectTimeoutMs = 15_000;
/** A server lives as long as its session. */
const serverCpuSeconds = 24 * 3_600;

/** Connects to a server of the bundle. Throws when its address or command is refused or it does not answer in time. */
export async function connect(
  server: McpServer,
  context: ToolContext,
  sandbox: Sandbox,
  walls: ToolWalls,
): Promise<Connection> {
  const { Client: McpClient } = await import('@modelcontextprotocol/sdk/client/index.js');
  // No roots, sampling or elicitation: a server gets answers to nothing that a person has not asked for.
  const client = new McpClient({ name: 'steward', version: '1' }, { capabilities: {} });
  const { transport, end } =
    server.transport === 'http'
      ? await httpTransport(server, context, walls)
      : await stdioTransport(server, context, sandbox, walls);
  const close = async (): Promise<void> => {
    await client.close().catch(() => undefined);
    end();
  };
  try {
    await client.connect(transport, { timeout: connectTimeoutMs });
    return { client, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Opened {
  readonly transport: Transport;
  end(): void;
}

async function httpTransport(server: McpServer, context: ToolContext, walls: ToolWalls): Promise<Opened> {
  const parsed = parseTarget(server.url);
  if (!parsed.ok)
    throw new StewardError(
      'INVALID_REQUEST',
      `The address of the server ${server.name} is refused: ${parsed.problem}.`,
    );
  const { target } = parsed;
  const isLoopback =
    target.host === 'localhost' || target.host === '::1' || (isIP(target.host) === 4 && target.host.startsWith('127.'));
  if (target.scheme === 'http' && !isLoopback) {
    throw new StewardError(
      'CAPABILITY_DENIED',
      `The server ${server.name} is not on this machine, so it must be reached by https.`,
    );
  }
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const fetch = createEgressFetch(wallsOf(target, walls), context.egress, context.limits.responseBytes);
  // The library's class leaves optional properties undefined where the interface wants them absent.
  return {
    transport: new StreamableHTTPClientTransport(new URL(target.url), { fetch }) as unknown as Transport,
    end: () => undefined,
  };
}

/**
 * The bundle names the server, so its host and port are allowed and no other; a private address only where the bundle
 * names that address itself, or the walls list it.
 */
function wallsOf(target: Target, walls: ToolWalls): ToolWalls {
  return {
    checkPath: () => false,
    readRoots: [],
    writeRoots: [],
    network: true,
    checkUrl: (url) => new URL(url).origin === new URL(target.url).origin,
    allowAddress: (host, port, ip) => {
      if (host !== target.host || port !== target.port) return false;
      const named = target.host === ip || (target.host === 'localhost' && (ip === '127.0.0.1' || ip === '::1'));
      return named || !isPrivateAddress(ip) || walls.allowAddress(host, port, ip);
    },
  };
}

async function stdioTransport(
  server: McpServer,
  context: ToolContext,
  sandbox: Sandbox,
  walls: ToolWalls,
): Promise<Opened> {
  const words = server.command ?? [];
  if (words.length === 0)
    throw new StewardError('CAPABILITY_DENIED', `The policy names no command for the server ${server.name}.`);
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
  const cwd = context.projectDir ?? context.deps.homeDir;
  const enclosure = await sandbox.enclose(words, cwd, walls, serverCpuSeconds);
  const [command = '', ...args] = enclosure.argv;
  const marker = randomBytes(16).toString('hex');
  const env = { ...commandEnvironment(context.deps.env, context.deps.platform, marker), ...enclosure.env };
  const transport = new StdioClientTransport({ command, args, cwd, env, stderr: 'ignore' });
  let pid: number | undefined;
  const start = transport.start.bind(transport);
  transport.start = async () => {
    await start();
    pid = transport.pid ?? undefined;
  };
  return {
    transport,
    end: () => {
      if (pid !== undefined) processTreeOf(pid, marker, context.deps.platform).signal('SIGKILL');
      enclosure.release();
    },
  };
}
