import type { McpServer } from '@steward/contracts';
import { decide } from '@steward/policy-engine';
import { timestampOf } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import type { RemoteToolProblem, ToolRouter, ToolWalls } from '@steward/tool-port';
import type { ToolGateDeps } from '../loop/gate-types.ts';
import { wallsFor } from '../loop/walls.ts';
import type { Log, Scheduler } from '../ports.ts';
import type { SessionStore } from './session-store.ts';

/** What the toolset needs. */
export interface RemoteToolsetDeps {
  readonly store: SessionStore;
  readonly tools: ToolRouter;
  readonly log: Log;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  policy: ToolGateDeps['policy'];
  /** The feature flag of the session. */
  readonly enabled: boolean;
}

const connectLimitMs = 30_000;

/**
 * The remote tools of one session. Servers are connected once, beside the work; their pinned tools are offered from the
 * next request on, and each call of one is decided by the policy as `server/tool`.
 */
export class RemoteToolset {
  readonly #deps: RemoteToolsetDeps;
  #connecting: Promise<void> | undefined;
  #offered = '';

  constructor(deps: RemoteToolsetDeps) {
    this.#deps = deps;
  }

  /** Connects to the servers of the bundle and says in an event what is offered and what is not. Never rejects. */
  connect(): Promise<void> {
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  /** True when other tools are offered than at the last call. */
  changed(): boolean {
    if (this.#connecting === undefined) return false;
    const now = this.#names().join();
    if (now === this.#offered) return false;
    this.#offered = now;
    return true;
  }

  async #connect(): Promise<void> {
    const { store, policy, enabled, log } = this.#deps;
    const { bundle, state } = policy();
    if (!enabled || bundle.killSwitch || state !== 'active') return;
    try {
      const problems = (
        await Promise.all([...bundle.mcpServers.map((server) => this.#connectOne(server)), this.#connectBackend()])
      ).flat();
      if (store.state.ended || (problems.length === 0 && this.#names().length === 0)) return;
      for (const { server, toolName, reason } of problems)
        log('warn', 'A remote tool is not offered.', {
          server,
          reason,
          ...(toolName === undefined ? {} : { toolName }),
        });
      const facts = problems.map(({ server, toolName, reason }) => ({
        server,
        reason,
        ...(toolName === undefined ? {} : { toolName }),
      }));
      store.emit('remote_tools_changed', { offered: this.#names(), problems: facts });
    } catch (error) {
      log('error', 'The remote tools could not be connected.', { reason: String(error) });
    }
  }

  /** Tools of the Backend Tool Service that no decision could ever let run are not offered. */
  #connectBackend(): Promise<readonly RemoteToolProblem[]> {
    const { tools, policy, clock } = this.#deps;
    return tools.connectBackendTools((toolName) => {
      const { bundle, state } = policy();
      const action = { toolName, arguments: {} };
      return decide(bundle, action, {}, { now: timestampOf(clock), bundleState: state }).decision !== 'deny';
    });
  }

  async #connectOne(server: McpServer): Promise<readonly RemoteToolProblem[]> {
    const { tools, scheduler, policy } = this.#deps;
    const { name } = server;
    if (!policy().bundle.capabilities.some((capability) => capability.name === 'BackendTool.Invoke'))
      return [{ server: name, reason: 'the policy names it but does not grant BackendTool.Invoke' }];
    let cancel = (): void => undefined;
    const late = new Promise<RemoteToolProblem[]>((resolve) => {
      cancel = scheduler.after(connectLimitMs, () =>
        resolve([{ server: name, reason: `it did not answer within ${connectLimitMs / 1000} s` }]),
      );
    });
    const connected = this.#wallsOf(server).then((walls) => tools.connectRemoteTools([server], walls));
    try {
      return await Promise.race([connected, late]);
    } catch (error) {
      return [{ server: name, reason: `it could not be connected (${String(error)})` }];
    } finally {
      cancel();
    }
  }

  /** What the bundle allows anybody; that it names the server stands for a person's approval of its network only. */
  async #wallsOf(server: McpServer): Promise<ToolWalls> {
    const { tools, clock, policy } = this.#deps;
    const { bundle, state } = policy();
    const args = { method: 'GET', url: server.url ?? 'https://localhost/' };
    const facts = await tools.facts('HttpRequest', args);
    const now = (): string => timestampOf(clock);
    const decision = decide(bundle, { toolName: 'HttpRequest', arguments: args }, facts, {
      now: now(),
      bundleState: state,
    });
    const walls = wallsFor({ bundle, bundleState: state, decision, approved: false, facts, taskOptions: {}, now });
    return { ...walls, network: bundle.capabilities.some(({ name }) => name === 'Network.Http') };
  }

  #names(): string[] {
    return this.#deps.tools
      .list()
      .map(({ name }) => name)
      .filter((name) => name.includes('/'));
  }
}
