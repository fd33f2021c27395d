import { StewardError, assertValid, toErrorBody } from '@steward/sdk';
import type { ToolsComponents, Validator } from '@steward/sdk';
import type { ToolRegistry } from '../tools/registry.ts';
import { describe } from '../tools/remote-tool.ts';

/** Result of one call. */
export type InvokeResult = ToolsComponents['schemas']['InvokeResult'];

/** Longest answer in UTF-16 units; longer ones keep their first 80 % and last 20 %. */
const maxOutputLength = 200_000;

/** Runs tools. Keeps nothing between calls. */
export class InvocationService {
  readonly #registry: ToolRegistry;
  readonly #compile: (schema: object) => Validator;
  readonly #validators = new Map<string, Validator>();

  constructor(deps: { registry: ToolRegistry; compile: (schema: object) => Validator }) {
    this.#registry = deps.registry;
    this.#compile = deps.compile;
  }

  /** Throws TOOL_NOT_FOUND. */
  assertExists(toolName: string): void {
    this.#registry.get(toolName);
  }

  /** Throws CONFLICT when the tool is defined otherwise than the caller knows it. */
  assertKnownAs(toolName: string, digest: string | undefined): void {
    if (digest === undefined || describe(this.#registry.get(toolName)).digest === digest) return;
    throw new StewardError(
      'CONFLICT',
      `backend/${toolName} was not run: its definition changed since it was listed. List the tools again.`,
      { details: { reasonCodes: ['REMOTE_TOOL_CHANGED'] } },
    );
  }

  /**
   * Runs a tool on valid arguments. A tool that cannot do it is a result with status `failed`, for the model to read;
   * an unknown tool and wrong arguments are errors.
   */
  invoke(toolName: string, args: Record<string, unknown>, now: Date): InvokeResult {
    const tool = this.#registry.get(toolName);
    const validate = this.#validators.get(toolName) ?? this.#compile(tool.inputSchema);
    this.#validators.set(toolName, validate);
    const valid = assertValid<Record<string, unknown>>(validate, args, `The arguments of ${toolName}`);
    try {
      return { status: 'succeeded', outputText: bound(tool.run(valid, { now })) };
    } catch (error) {
      if (!(error instanceof StewardError)) throw error;
      const { code, message, details } = toErrorBody(error);
      return { status: 'failed', outputText: message, error: { code, message, details } };
    }
  }
}

function bound(text: string): string {
  if (text.length <= maxOutputLength) return text;
  const head = text.slice(0, maxOutputLength * 0.8);
  const tail = text.slice(-maxOutputLength * 0.2);
  return `${head}\n… ${text.length - maxOutputLength} characters left out …\n${tail}`;
}
