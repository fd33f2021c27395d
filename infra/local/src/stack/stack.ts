import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateFile } from '../home/private-file.ts';
import type { HomeLayout } from '../home/home-layout.ts';
import { personEnvironment } from './base-environment.ts';
import { chooseDesktop, findElectron, openInBrowser } from './desktop.ts';
import { endLeftovers, recordProcesses } from './leftovers.ts';
import { prepareFacts } from './prepare-facts.ts';
import { inspectPortOf, planDatabase, planDemoGateway, planIdentityProvider, planServices } from './process-plan.ts';
import type { PlanFacts } from './process-plan.ts';
import { describeStack } from './stack-description.ts';
import type { StackDescription } from './stack-description.ts';
import type { StackOptions } from './stack-options.ts';
import { Supervisor } from './supervisor.ts';
import { WebShell } from './web-shell.ts';

/** Surroundings of a {@link Stack}. */
export interface StackDeps {
  readonly root: string;
  readonly options: StackOptions;
  readonly home: HomeLayout;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Receives one sentence per event. */
  readonly report: (sentence: string) => void;
  /** Creates missing tables at an endpoint. */
  readonly createTables: (endpoint: string, region: string) => Promise<void>;
  /** Told when the desktop was closed by the person, or failed. */
  readonly desktopEnded: (sentence: string) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** What a started stack tells its starter. */
export interface StartedStack {
  readonly description: StackDescription;
  /** Launch address of the desktop; `undefined` without desktop or with Electron. */
  readonly app: string | undefined;
}

const WEB_SHELL = 'shell-web';

/** The whole product on one machine, from start to stop. The caller holds the home lock. */
export class Stack {
  readonly #deps: StackDeps;
  readonly #supervisor: Supervisor;
  #webShell: WebShell | undefined;
  #recording: Promise<void> = Promise.resolve();

  constructor(deps: StackDeps) {
    this.#deps = deps;
    this.#supervisor = new Supervisor({
      logFolder: deps.home.logs,
      report: deps.report,
      pidsChanged: (pids) => this.#record(pids),
      now: deps.now,
    });
  }

  /** Starts everything; resolves when all parts answer, throws a start error when one does not. */
  async start(): Promise<StartedStack> {
    const { root, home, options, report } = this.#deps;
    const leftovers = await endLeftovers(home.run);
    if (leftovers > 0) report(`Ended ${leftovers} processes that an earlier start had left behind.`);
    const facts = await prepareFacts({ ...this.#deps, port: options.port });
    const description = describeStack({
      root,
      home: home.root,
      ports: facts.ports,
      caFile: facts.certificates.caFile,
      gateway: facts.gateway,
      pid: process.pid,
    });
    // Written before the processes answer: the desktop reads it while it starts.
    await writePrivateFile(home.stackFile, `${JSON.stringify(description, null, 2)}\n`);
    report(`home               ${home.root}`);
    // The shell starts beside the services and is shown when all answer.
    const desktop = options.stackOnly ? undefined : this.#chooseDesktop();
    const shell = desktop?.kind === 'web' ? this.#startWebShell(facts) : Promise.resolve(undefined);
    const [app] = await Promise.all([shell, this.#startProcesses(facts)]);
    if (desktop !== undefined) this.#showDesktop(desktop, app);
    return { description, app };
  }

  /** Replaces a running process after its bundle changed. */
  async replace(name: string): Promise<void> {
    if (name === WEB_SHELL) {
      const app = await this.#webShell?.replace();
      if (app !== undefined) this.#deps.report(`desktop restarted: ${app}`);
      return;
    }
    await this.#supervisor.replace(name);
  }

  /** Stops the desktop first, then every process in reverse order; nothing runs afterwards. */
  async stop(): Promise<void> {
    await this.#webShell?.stop();
    await this.#supervisor.stop();
    await this.#recording.catch(() => undefined);
    await rm(this.#deps.home.stackFile, { force: true });
  }

  /** Ends everything at once. */
  kill(): void {
    this.#webShell?.kill();
    this.#supervisor.kill();
  }

  async #startProcesses(facts: PlanFacts): Promise<void> {
    const starting: Promise<void>[] = [];
    const database = planDatabase(facts);
    const databaseAnswers = database === undefined ? Promise.resolve() : this.#supervisor.start(database);
    starting.push(databaseAnswers, this.#prepareDatabase(facts, databaseAnswers));
    for (const spec of [planIdentityProvider(facts), planDemoGateway(facts), ...planServices(facts)]) {
      if (spec !== undefined) starting.push(this.#supervisor.start(spec));
    }
    await Promise.all(starting);
  }

  async #prepareDatabase({ database, ports }: PlanFacts, answering: Promise<void>): Promise<void> {
    const { report, createTables, env } = this.#deps;
    if (database.kind === 'memory') {
      report(`database           in memory: ${database.reason}, so nothing survives the end of this run`);
      return;
    }
    await answering;
    if (database.kind === 'given') report(`database           ${database.endpoint}  given`);
    // Whoever names an environment has deployed its tables; a start must not add any there.
    if (database.kind === 'given' && env['STEWARD_ENV']) return;
    const endpoint = database.kind === 'given' ? database.endpoint : `http://127.0.0.1:${ports.database}`;
    await createTables(endpoint, (database.kind === 'given' && env['AWS_REGION']) || 'local');
  }

  #chooseDesktop(): { kind: 'electron' | 'web'; binary?: string; reason: string } {
    const { root, options, env } = this.#deps;
    const choice = chooseDesktop({
      env,
      platform: process.platform,
      electron: findElectron(root),
      mainBuilt: existsSync(mainBundleOf(root)),
    });
    if (choice.kind === 'browser') return { kind: 'web', reason: choice.reason };
    if (!options.open) return { kind: 'web', reason: '--no-open asks for the address only' };
    return choice;
  }

  #showDesktop(desktop: { binary?: string; reason: string }, app: string | undefined): void {
    const { options, report } = this.#deps;
    if (app === undefined) {
      report(`desktop            opens in Electron, because ${desktop.reason}`);
      this.#startElectron(desktop.binary ?? '');
      return;
    }
    report(
      `desktop            ${options.open ? 'opens in the browser' : 'waits for a browser'}, because ${desktop.reason}`,
    );
    if (options.open) openInBrowser(app, process.platform);
  }

  async #startWebShell({ ports, home, env }: PlanFacts): Promise<string> {
    this.#webShell = new WebShell({
      root: this.#deps.root,
      home: home.root,
      stackFile: home.stackFile,
      port: ports.app,
      logFile: join(home.logs, 'desktop.log'),
      env: personEnvironment(env),
      inspectPort: inspectPortOf(env['STEWARD_INSPECT'], 'desktop'),
      ended: this.#deps.desktopEnded,
    });
    return this.#webShell.start();
  }

  #startElectron(binary: string): void {
    const { root, home, env, desktopEnded } = this.#deps;
    const child = spawn(binary, [mainBundleOf(root)], {
      env: { ...personEnvironment(env), STEWARD_STACK_FILE: home.stackFile, STEWARD_HOME: home.root },
      stdio: 'ignore',
    });
    child.on('error', () => desktopEnded('desktop could not be started'));
    child.on('exit', () => desktopEnded('The desktop was closed.'));
  }

  #record(supervised: readonly number[]): void {
    const pids = [...supervised, ...[this.#webShell?.pid ?? []].flat()];
    this.#recording = this.#recording
      .then(() => recordProcesses(this.#deps.home.run, pids))
      // Without the record only the clean-up after a hard kill is lost.
      .catch(() => undefined);
  }
}

function mainBundleOf(root: string): string {
  return join(root, 'dist', 'electron', 'main.js');
}
