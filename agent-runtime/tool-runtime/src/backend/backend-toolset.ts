import type { ToolDescriptor } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { BackendToolDefinition, RemoteToolProblem, Validation } from '@steward/tool-port';
import { assertNoSecret } from '../egress/outgoing-secrets.ts';
import { toToolOutput } from '../mcp/remote-result.ts';
import { offerRemoteTool, remoteCallTimeoutMs } from '../tools/remote-tool.ts';
import type { OfferedTool } from '../tools/remote-tool.ts';
import type { Tool, ToolContext } from '../tools/tool.ts';

/** The name under which the tools of the Backend Tool Service are known; no other server may have it. */
export const backendServerName = 'backend';

const usableName = /^[a-z][a-z0-9_.-]{0,99}$/;

/**
 * The tools of the Backend Tool Service as `backend/{name}`. Each call carries the task's grant, narrowed to that tool
 * for the time of the call, and the definition that the model was shown; the service judges both again.
 */
export class BackendToolset {
  readonly #context: ToolContext;
  readonly #tools = new Map<string, OfferedTool>();

  constructor(context: ToolContext) {
    this.#context = context;
  }

  /** Lists what is granted; a service that can't be asked is a problem and no failure. */
  async connect(isGranted: (toolName: string) => boolean): Promise<RemoteToolProblem[]> {
    const service = this.#context.deps.backendTools;
    if (service === undefined) return [];
    try {
      const problems: RemoteToolProblem[] = [];
      for (const definition of await service.list()) {
        const problem = await this.#offer(definition, isGranted);
        if (problem !== undefined) problems.push({ server: backendServerName, reason: problem });
      }
      return problems;
    } catch (error) {
      const reason = error instanceof StewardError ? error.message : 'its list of tools could not be read';
      return [{ server: backendServerName, reason }];
    }
  }

  get descriptors(): readonly ToolDescriptor[] {
    return [...this.#tools.values()].map(({ descriptor }) => descriptor);
  }

  find(toolName: string): Tool | undefined {
    return this.#tools.get(toolName)?.tool;
  }

  /** Arguments against the listed schema; undefined for a tool that is not of this service. */
  validate(toolName: string, args: unknown): Validation | undefined {
    return this.#tools.get(toolName)?.validate(args);
  }

  async #offer(
    definition: BackendToolDefinition,
    isGranted: (toolName: string) => boolean,
  ): Promise<string | undefined> {
    if (!usableName.test(definition.name)) return 'a tool has a name that is not allowed';
    const name = `${backendServerName}/${definition.name}`;
    if (!isGranted(name)) return undefined;
    const { name: toolName, description, inputSchema, digest } = definition;
    const offered = await offerRemoteTool({
      name,
      description,
      inputSchema,
      execute: async ({ deps, egress, limits }, call) => {
        const { handOn, force } = call.options;
        if (handOn === undefined || deps.backendTools === undefined)
          throw new StewardError(
            'CAPABILITY_DENIED',
            `${name} was not called: nobody handed on a grant for it. Call it from a task.`,
            { details: { reasonCodes: ['grant_missing'] } },
          );
        const sent = JSON.stringify(call.args);
        egress.budget.begin();
        assertNoSecret(sent, 'the arguments');
        egress.budget.send(Buffer.byteLength(sent));
        const grant = handOn(name, remoteCallTimeoutMs);
        const result = await deps.backendTools.invoke({ toolName, arguments: call.args, grant, digest }, force);
        egress.budget.receive(Buffer.byteLength(result.outputText));
        const content = { content: [{ type: 'text', text: result.outputText }], isError: result.status === 'failed' };
        return toToolOutput(call, name, content, limits.artifactThresholdBytes);
      },
    });
    this.#tools.set(name, offered);
    return undefined;
  }
}
