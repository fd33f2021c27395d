import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { PolicyBundle } from '@steward/contracts';
import { ScriptedGateway } from '../../../app/test/support/scripted-gateway.ts';
import { starterPolicies } from '@steward/policy-engine';
import { ServicesDouble } from '../../../app/test/support/services-double.ts';
import { EffectsServer } from './effects-server.ts';
import { answerTo, scenarios } from './scenario.ts';
import type { Scenario } from './scenario.ts';

const longestDyingMs = 15_000;

/** Everything around the runtime of one run after the other: services, gateway, a server with effects, a disk. */
export class World {
  readonly services: ServicesDouble;
  readonly gateway: ScriptedGateway;
  readonly effects: EffectsServer;
  readonly #root: string;
  #run = 0;
  #folder = '';

  private constructor(services: ServicesDouble, gateway: ScriptedGateway, effects: EffectsServer) {
    this.services = services;
    this.gateway = gateway;
    this.effects = effects;
    this.#root = realpathSync(mkdtempSync(join(tmpdir(), 'steward-torture-')));
  }

  static async start(): Promise<World> {
    return new World(await ServicesDouble.start(), await ScriptedGateway.start([{}]), await EffectsServer.start());
  }

  get scenarios(): readonly Scenario[] {
    return scenarios(this.effects.url);
  }

  get home(): string {
    return join(this.#folder, 'home');
  }

  get project(): string {
    return join(this.#folder, 'project');
  }

  /** Plans, hit lists and the gate of the present run. */
  get control(): string {
    return join(this.#folder, 'control');
  }

  get env(): Record<string, string> {
    return {
      ...this.services.env,
      STEWARD_HOME: this.home,
      STEWARD_MODEL: 'scripted-model',
      STEWARD_SANDBOX: 'off',
      STEWARD_JOURNAL_COMPACT_BYTES: '12000',
      LLM_GATEWAY_ENDPOINT: this.gateway.endpoint,
      LLM_GATEWAY_AUTH_TOKEN: this.gateway.token,
    };
  }

  /** As a desktop knows them. */
  get serviceAddresses(): Record<'session' | 'policy' | 'workspace' | 'approval' | 'audit', string> {
    const { base } = this.services;
    return { session: base, policy: base, workspace: base, approval: base, audit: base };
  }

  /** A new disk with the files of a scenario; services and servers that remember nothing. */
  prepare(scenario: Scenario): void {
    if (this.#folder !== '') this.#endCommands();
    rmSync(this.#folder === '' ? join(this.#root, 'none') : this.#folder, { recursive: true, force: true });
    this.#run += 1;
    this.#folder = join(this.#root, String(this.#run));
    for (const folder of [this.home, this.project, this.control]) mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries(scenario.files)) writeFileSync(join(this.project, name), content);
    this.services.reset();
    this.services.bundle = { capabilities: this.#capabilities() };
    this.effects.effects.length = 0;
    this.gateway.say((request) => answerTo(scenario, request));
  }

  /** The careful policy, which asks before commands, deletions and requests; the server with effects may be reached. */
  #capabilities(): PolicyBundle['capabilities'] {
    const { capabilities } = starterPolicies['Careful developer']!;
    return capabilities.map((capability) =>
      capability.name === 'Network.Http'
        ? {
            ...capability,
            allowedDomains: [new URL(this.effects.url).host],
            allowedSchemes: ['http'],
            requiresApproval: true,
          }
        : capability,
    );
  }

  /** Text without anything that differs from run to run. */
  normalise(text: string): string {
    return text
      .replaceAll(this.project, '<project>')
      .replaceAll(new URL(this.effects.url).host, '<server>')
      .replace(/(art|ws|sess|tc)_[0-9A-Z]{26}/g, '$1_*')
      .replace(/date: [^\n]*/g, 'date: *');
  }

  /** How often each effect happened. */
  effectCount(token: string): number {
    let lines: string[] = [];
    try {
      lines = readFileSync(join(this.project, 'effects.log'), 'utf8').split('\n');
    } catch {
      // No command has run yet.
    }
    return [...lines, ...this.effects.effects].filter((line) => line === token).length;
  }

  /** The project's files and contents, without the log of effects. */
  tree(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const entry of readdirSync(this.project, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && entry.name !== 'effects.log')
        found[relative(this.project, path)] = readFileSync(path, 'utf8');
    }
    return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Command lines of processes that commands of the present run have started and that are still alive. */
  processesLeft(): string[] {
    return this.#commandProcesses().map(({ command }) => command);
  }

  /** Waits a while until none of them is alive: one that was killed may need a moment to go. */
  async commandsEnded(): Promise<void> {
    for (const limit = performance.now() + longestDyingMs; this.processesLeft().length > 0;) {
      if (performance.now() > limit) return;
      await pause(20);
    }
  }

  /** Ended processes that a process does not take leave of, though it had time to; each by its number and name. */
  async zombiesOf(parent: number): Promise<string[]> {
    for (const limit = performance.now() + longestDyingMs; ; await pause(20)) {
      const found = childrenOf(parent).flatMap(({ pid, name, state }) => (state === 'Z' ? [`${pid} ${name}`] : []));
      if (found.length === 0 || performance.now() > limit) return found;
    }
  }

  async stop(): Promise<void> {
    this.#endCommands();
    await Promise.all([this.services.stop(), this.gateway.stop(), this.effects.stop()]);
    rmSync(this.#root, { recursive: true, force: true });
  }

  #commandProcesses(): { pid: number; command: string }[] {
    return readdirSync('/proc').flatMap((pid) => {
      try {
        if (!/^\d+$/.test(pid) || readlinkSync(`/proc/${pid}/cwd`) !== this.project) return [];
        const marked = readFileSync(`/proc/${pid}/environ`, 'latin1').includes('STEWARD_TOOL_CALL=');
        const zombie = /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return marked && !zombie ? [{ pid: Number(pid), command }] : [];
      } catch {
        // It ended while it was looked at.
        return [];
      }
    });
  }

  /** What a failed run left running must not be found in the next one, nor after the last. */
  #endCommands(): void {
    for (const { pid } of this.#commandProcesses())
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has just ended.
      }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

function childrenOf(parent: number): { pid: number; name: string; state: string }[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid)) return [];
      const [, name = '', state = '', ppid] =
        /\((.*)\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? [];
      return Number(ppid) === parent ? [{ pid: Number(pid), name, state }] : [];
    } catch {
      // It went while it was looked at.
      return [];
    }
  });
}
