import type { BackendToolCall, BackendToolDefinition, BackendToolResult, BackendTools } from '@steward/tool-port';
import type { HttpJson } from './http-json.ts';

const listTimeoutMs = 15_000;
const callTimeoutMs = 120_000;
const maxTools = 500;

/** The Backend Tool Service over HTTP, called as the person. Nothing is repeated: a tool may have run. */
export class HttpBackendTools implements BackendTools {
  readonly #http: HttpJson;
  readonly #base: string;
  readonly #token: () => string;

  /** @param base ends in `/v1` */
  constructor(http: HttpJson, base: string, token: () => string) {
    this.#http = http;
    this.#base = base.replace(/\/$/, '');
    this.#token = token;
  }

  async list(): Promise<readonly BackendToolDefinition[]> {
    const url = new URL(`${this.#base}/tools`);
    const answer = await this.#http.request({ method: 'GET', url, token: this.#token(), timeoutMs: listTimeoutMs });
    return (answer as { items: BackendToolDefinition[] }).items.slice(0, maxTools);
  }

  async invoke({ toolName, ...body }: BackendToolCall, signal: AbortSignal): Promise<BackendToolResult> {
    const url = new URL(`${this.#base}/tools/${encodeURIComponent(toolName)}/invoke`);
    const token = this.#token();
    const answer = await this.#http.request({ method: 'POST', url, token, body, timeoutMs: callTimeoutMs, signal });
    return answer as BackendToolResult;
  }
}
