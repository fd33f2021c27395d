import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { McpServer } from '@steward/contracts';
import { digestOfDefinition } from '@steward/tool-runtime';
import type { RemoteDefinition } from '@steward/tool-runtime';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** A tool that says its `text` again. */
export const echoTool: RemoteDefinition = {
  name: 'echo',
  description: 'Says it again',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
};

/** A real MCP server over streamable HTTP; every tool of it answers with its `text`. */
export class McpTestServer {
  /** Definitions that it gives now; change them and call `announce`. */
  tools: RemoteDefinition[];
  readonly calls: { name: string; arguments: unknown }[] = [];
  /** What a call is answered; its `text` unless replaced. */
  answer = (args: Readonly<Record<string, unknown>> | undefined): string => String(args?.['text']);
  readonly #http: HttpServer;
  readonly #transports = new Map<string, StreamableHTTPServerTransport>();
  readonly #servers: Server[] = [];

  private constructor(tools: RemoteDefinition[]) {
    this.tools = tools;
    this.#http = createServer((request, response) => {
      const known = this.#transports.get(String(request.headers['mcp-session-id']));
      void (known === undefined ? this.#open() : Promise.resolve(known)).then((transport) =>
        transport.handleRequest(request, response),
      );
    });
  }

  static async start(tools: RemoteDefinition[]): Promise<McpTestServer> {
    const server = new McpTestServer(tools);
    server.#http.listen(0, '127.0.0.1');
    await once(server.#http, 'listening');
    return server;
  }

  /** The entry of a bundle that pins this server's present definitions. */
  pinned(name: string): McpServer {
    const { port } = this.#http.address() as AddressInfo;
    return {
      name,
      transport: 'http',
      url: `http://127.0.0.1:${port}/mcp`,
      toolDigests: Object.fromEntries(this.tools.map((tool) => [tool.name, digestOfDefinition(tool)])),
    };
  }

  /** Tells every client that the definitions changed. */
  async announce(): Promise<void> {
    for (const server of this.#servers) await server.sendToolListChanged();
  }

  async stop(): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #open(): Promise<StreamableHTTPServerTransport> {
    const server = new Server({ name: 'test', version: '1' }, { capabilities: { tools: { listChanged: true } } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: this.tools as never }));
    server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
      this.calls.push({ name: params.name, arguments: params.arguments });
      return { content: [{ type: 'text', text: this.answer(params.arguments) }] };
    });
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => `s${this.#transports.size}`,
      onsessioninitialized: (id) => void this.#transports.set(id, transport),
    });
    await server.connect(transport as never);
    this.#servers.push(server);
    return transport;
  }
}
