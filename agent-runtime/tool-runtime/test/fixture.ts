import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ToolRequest } from '@steward/contracts';
import { isPrivateAddress } from '@steward/policy-engine';
import { newId, systemClock } from '@steward/sdk';
import type { ArtifactInput, ToolExecution, ToolOutcome, ToolRouter, ToolWalls } from '@steward/tool-port';
import { createToolRuntime, type ToolRuntimeDeps } from '../src/index.ts';

/** A runtime on a real temporary folder, with everything it handed out. */
export interface Fixture {
  readonly root: string;
  readonly project: string;
  readonly home: string;
  readonly state: string;
  readonly runtime: ToolRouter;
  readonly artifacts: ArtifactInput[];
  readonly walls: ToolWalls;
  request(toolName: string, args: Record<string, unknown>): ToolRequest;
  run(toolName: string, args: Record<string, unknown>, options?: Partial<ToolExecution>): Promise<ToolOutcome>;
  /** prepare → execute → record, as the agent host does it. */
  effect(toolName: string, args: Record<string, unknown>): Promise<ToolOutcome>;
  remove(): Promise<void>;
}

export const taskId = newId('task');

/** Makes a fixture; walls allow the project folder only unless given. */
export function createFixture(
  overrides: Partial<ToolRuntimeDeps> & { readonly walls?: Partial<ToolWalls>; readonly general?: boolean } = {},
): Fixture {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'tool-runtime-')));
  const [project, home, state] = ['project', 'home', 'state'].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [project, home, state]) mkdirSync(folder);
  const artifacts: ArtifactInput[] = [];
  const { walls: wallOverrides, general, ...deps } = overrides;
  const runtime = createToolRuntime({
    ...(general === true ? {} : { projectDir: project }),
    stateDir: state,
    homeDir: home,
    platform: process.platform,
    clock: systemClock,
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', HOME: home, SECRET_TOKEN: 'must-not-leak' },
    sandbox: 'off',
    uploadArtifact: (input) => {
      artifacts.push(input);
      const artifactId = newId('art');
      return Promise.resolve({ artifactId, uri: `artifact://${artifactId}` });
    },
    ...deps,
  });
  const walls: ToolWalls = {
    checkPath: (_, realPath) => realPath === project || realPath.startsWith(`${project}/`),
    allowAddress: (_host, _port, ip) => !isPrivateAddress(ip),
    readRoots: [project],
    writeRoots: [project],
    network: false,
    ...wallOverrides,
  };
  const request = (toolName: string, args: Record<string, unknown>): ToolRequest => ({
    toolCallId: newId('tc'),
    toolName,
    arguments: args,
    sessionId: newId('sess'),
    taskId,
    stepId: newId('step'),
    actionDigest: `sha256:${'0'.repeat(64)}`,
  });
  const defaults = (): ToolExecution => ({
    signal: new AbortController().signal,
    force: new AbortController().signal,
    onOutput: () => undefined,
    walls,
  });
  return {
    root,
    project,
    home,
    state,
    runtime,
    artifacts,
    walls,
    request,
    run: (toolName, args, options) => runtime.execute(request(toolName, args), { ...defaults(), ...options }),
    effect: async (toolName, args) => {
      const call = request(toolName, args);
      const intent = await runtime.prepare(call);
      const outcome = await runtime.execute(call, { ...defaults(), intent });
      runtime.patch.record(taskId, intent, outcome.status === 'succeeded' ? 'done' : 'not_done');
      return outcome;
    },
    remove: async () => {
      await runtime.dispose();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
