import type { McpServer, ToolDescriptor } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { RemoteToolProblem, ToolWalls, Validation } from '@steward/tool-port';
import { backendServerName } from '../backend/backend-toolset.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { offerRemoteTool, remoteCallTimeoutMs } from '../tools/remote-tool.ts';
import type { OfferedTool } from '../tools/remote-tool.ts';
import type { Tool, ToolContext } from '../tools/tool.ts';
import { connect, type Connection } from './connect.ts';
import { changedFields, digestOfDefinition, pinProblem, type RemoteDefinition } from './definition.ts';
import { toToolOutput } from './remote-result.ts';

const listTimeoutMs = 15_000;
const maxTools = 500;
const maxPages = 50;

interface RemoteTool extends OfferedTool {
  readonly definition: RemoteDefinition;
  /** Set when the server changed the definition after it had been accepted. */
  blocked?: string;
}

/** Tools of the servers that the bundle names, as `server/tool`. Nothing is loaded or connected before `connect`. */
export class RemoteTools {
  readonly #context: ToolContext;
  readonly #sandbox: Sandbox;
  readonly #tools = new Map<string, RemoteTool>();
  readonly #connections: Connection[] = [];

  constructor(context: ToolContext, sandbox: Sandbox) {
    this.#context = context;
    this.#sandbox = sandbox;
  }

  /** Connects to every server; one that fails is named in the result and hinders no other. */
  async connect(servers: readonly McpServer[], walls: ToolWalls): Promise<RemoteToolProblem[]> {
    const results = await Promise.all(servers.map((server) => this.#connectOne(server, walls)));
    return results.flat();
  }

  get descriptors(): readonly ToolDescriptor[] {
    return [...this.#tools.values()].filter(({ blocked }) => blocked === undefined).map(({ descriptor }) => descriptor);
  }

  find(toolName: string): Tool | undefined {
    return this.#tools.get(toolName)?.tool;
  }

  /** Arguments against the pinned schema; undefined for a tool that is not remote. */
  validate(toolName: string, args: unknown): Validation | undefined {
    return this.#tools.get(toolName)?.validate(args);
  }

  /** Closes every connection and ends the servers that were started. */
  async dispose(): Promise<void> {
    this.#tools.clear();
    await Promise.all(this.#connections.splice(0).map((connection) => connection.close()));
  }

  async #connectOne(server: McpServer, walls: ToolWalls): Promise<RemoteToolProblem[]> {
    if (server.name === backendServerName)
      return [{ server: server.name, reason: 'its name belongs to the Backend Tool Service; give it another one' }];
    try {
      const connection = await connect(server, this.#context, this.#sandbox, walls);
      this.#connections.push(connection);
      const definitions = await listTools(connection);
      const problems: RemoteToolProblem[] = [];
      for (const definition of definitions) {
        const problem = pinProblem(server, definition);
        if (problem === undefined) await this.#offer(server, definition, connection);
        else problems.push(problem);
      }
      await this.#watch(server, connection);
      return problems;
    } catch (error) {
      const reason =
        error instanceof StewardError ? error.message : 'it could not be reached, or did not speak the protocol';
      return [{ server: server.name, reason }];
    }
  }

  async #offer(server: McpServer, definition: RemoteDefinition, connection: Connection): Promise<void> {
    const name = `${server.name}/${definition.name}`;
    const offered = await offerRemoteTool({
      name,
      description: definition.description ?? '',
      inputSchema: definition.inputSchema,
      execute: async (_, call) => {
        const blocked = this.#tools.get(name)?.blocked;
        if (blocked !== undefined) {
          throw new StewardError(
            'CAPABILITY_DENIED',
            `${name} is blocked: ${blocked}. An admin has to look at it and pin it again.`,
            {
              details: { reasonCodes: ['REMOTE_TOOL_CHANGED'] },
            },
          );
        }
        const result = await callTool(connection, name, definition.name, call.args, call.options.force);
        return toToolOutput(call, name, result, this.#context.limits.artifactThresholdBytes);
      },
    });
    this.#tools.set(name, { ...offered, definition });
  }

  async #watch(server: McpServer, connection: Connection): Promise<void> {
    const { ToolListChangedNotificationSchema } = await import('@modelcontextprotocol/sdk/types.js');
    connection.client.setNotificationHandler(ToolListChangedNotificationSchema, async () => {
      const now = await listTools(connection).catch(() => undefined);
      for (const [name, entry] of this.#tools) {
        if (!name.startsWith(`${server.name}/`)) continue;
        entry.blocked = driftOf(entry.definition, now) ?? entry.blocked ?? '';
        if (entry.blocked === '') delete entry.blocked;
      }
    });
  }
}

function driftOf(pinned: RemoteDefinition, now: readonly RemoteDefinition[] | undefined): string | undefined {
  if (now === undefined) return 'its server no longer lists its tools';
  const current = now.find(({ name }) => name === pinned.name);
  if (current === undefined) return 'its server no longer offers it';
  if (digestOfDefinition(current) === digestOfDefinition(pinned)) return undefined;
  return `its server changed ${changedFields(pinned, current).join(', ')} of it`;
}

async function listTools({ client }: Connection): Promise<RemoteDefinition[]> {
  const tools: RemoteDefinition[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const answer = await client.listTools(cursor === undefined ? {} : { cursor }, { timeout: listTimeoutMs });
    tools.push(...(answer.tools as RemoteDefinition[]));
    cursor = answer.nextCursor;
    if (cursor === undefined || tools.length >= maxTools) break;
  }
  return tools.slice(0, maxTools);
}

async function callTool(
  { client }: Connection,
  name: string,
  remoteName: string,
  args: Record<string, unknown>,
  force: AbortSignal,
): Promise<unknown> {
  try {
    return await client.callTool({ name: remoteName, arguments: args }, undefined, {
      signal: force,
      timeout: remoteCallTimeoutMs,
    });
  } catch (error) {
    if (force.aborted)
      throw new StewardError('TOOL_EXECUTION_FAILED', `${name} was cancelled; whether it had an effect is not known.`, {
        details: { cancelled: true },
      });
    const isTimeout = typeof error === 'object' && error !== null && 'code' in error && error.code === -32001;
    if (isTimeout)
      throw new StewardError(
        'TOOL_EXECUTION_TIMEOUT',
        `${name} did not answer within ${remoteCallTimeoutMs / 1000} s.`,
      );
    throw new StewardError(
      'TOOL_EXECUTION_FAILED',
      `${name} failed: ${error instanceof Error ? error.message.slice(0, 500) : 'unknown reason'}`,
      { cause: error },
    );
  }
}
