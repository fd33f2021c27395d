import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SessionEvent } from '@steward/contracts';
import { RuntimeProcess } from './runtime-process.ts';
import { ScriptedGateway } from './scripted-gateway.ts';
import type { Script } from './scripted-gateway.ts';
import { ServicesDouble } from './services-double.ts';

/** Everything around a runtime: services, gateway, home and a project folder; ends all of it. */
export class RuntimeWorld {
  readonly services: ServicesDouble;
  readonly gateway: ScriptedGateway;
  readonly home: string;
  readonly project: string;
  readonly #runtimes: RuntimeProcess[] = [];

  private constructor(services: ServicesDouble, gateway: ScriptedGateway) {
    this.services = services;
    this.gateway = gateway;
    this.home = realpathSync(mkdtempSync(join(tmpdir(), 'steward-home-')));
    this.project = realpathSync(mkdtempSync(join(tmpdir(), 'steward-project-')));
  }

  static async create(script: Script = [{ text: 'Done.' }]): Promise<RuntimeWorld> {
    return new RuntimeWorld(await ServicesDouble.start(), await ScriptedGateway.start(script));
  }

  get env(): Record<string, string> {
    return {
      ...this.services.env,
      STEWARD_HOME: this.home,
      STEWARD_MODEL: 'scripted-model',
      LLM_GATEWAY_ENDPOINT: this.gateway.endpoint,
      LLM_GATEWAY_AUTH_TOKEN: this.gateway.token,
    };
  }

  write(path: string, content: string): string {
    const file = join(this.project, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** A process that nobody has greeted yet. */
  spawn(env: Record<string, string> = {}): RuntimeProcess {
    const runtime = RuntimeProcess.spawn({ env: { ...this.env, ...env } });
    this.#runtimes.push(runtime);
    return runtime;
  }

  /** An initialized runtime. */
  async start(env: Record<string, string> = {}): Promise<RuntimeProcess> {
    const runtime = this.spawn(env);
    await runtime.initialize(this.services.accessToken);
    return runtime;
  }

  /** An initialized runtime with a session on the project folder. */
  async startSession(
    env: Record<string, string> = {},
  ): Promise<{ runtime: RuntimeProcess; sessionId: string; workspaceId: string }> {
    const runtime = await this.start(env);
    const { sessionId, workspaceId } = await runtime.createSession(this.project);
    return { runtime, sessionId, workspaceId };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#runtimes.map((runtime) => runtime.kill()));
    await Promise.all([this.services.stop(), this.gateway.stop()]);
    rmSync(this.home, { recursive: true, force: true });
    rmSync(this.project, { recursive: true, force: true });
  }
}

/** Starts a task and returns its id. */
export async function startTask(
  runtime: RuntimeProcess,
  sessionId: string,
  prompt: string,
  taskOptions?: { maxSteps?: number; approvalMode?: 'always' | 'on_risky_actions' | 'never' },
): Promise<string> {
  const options = taskOptions === undefined ? {} : { taskOptions: taskOptions as never };
  const { task } = await runtime.peer.request('StartTask', { sessionId, prompt, ...options });
  return task.taskId;
}

/** Runs a task to its end. */
export async function runTask(runtime: RuntimeProcess, sessionId: string, prompt: string): Promise<SessionEvent> {
  return runtime.ended(await startTask(runtime, sessionId, prompt));
}

/** Resolves once `holds` is true, looking again whenever `next` resolves. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
