import { realpathSync } from 'node:fs';
import path from 'node:path';
import type { CapabilityName, ToolRequest } from '@steward/contracts';
import { capabilityOf } from '@steward/policy-engine';
import { createSecretFinder, findSecrets, loadDetectors, replaceFound, withoutOverlaps } from '@steward/secrets';
import { StewardError } from '@steward/sdk';
import type {
  ArtifactInput,
  EffectIntent,
  EffectOutcome,
  ToolDescription,
  ToolExecution,
  ToolOutcome,
  ToolRouter,
} from '@steward/tool-port';
import { BackendToolset } from './backend/backend-toolset.ts';
import { EgressBudget } from './egress/egress-budget.ts';
import type { Egress } from './egress/open-request.ts';
import { ContentStore } from './files/content-store.ts';
import { gatherFacts } from './facts.ts';
import { classify } from './files/text.ts';
import { defaultLimits } from './limits.ts';
import { removeTemporary } from './files/atomic-write.ts';
import { TaskPatchTracker, currentHash } from './patch/task-patch-tracker.ts';
import { CommandRunner } from './platform/run-process.ts';
import type { ToolRuntimeDeps } from './ports.ts';
import { RemoteTools } from './mcp/remote-tools.ts';
import { toToolError } from './problem.ts';
import { createRegistry, type Registry } from './registry.ts';
import { Sandbox } from './sandbox/sandbox.ts';
import type { Tool, ToolCall, ToolContext, ToolOutput } from './tools/tool.ts';
import { unknownTool } from './validate.ts';

const walkingTools = new Set(['ListDirectory', 'FindFiles', 'SearchText']);
const walkTimeoutMs = 30_000;

/** Wires the tools of one session. Starts nothing and touches nothing but the project folder's name. */
export function createToolRuntime(deps: ToolRuntimeDeps): ToolRouter {
  const limits = { ...defaultLimits, ...deps.limits };
  const store = new ContentStore(path.join(deps.stateDir, 'contents'));
  const egress: Egress = {
    ...deps.egress,
    budget: new EgressBudget(
      {
        requestsPerMinute: limits.egressRequestsPerMinute,
        sentBytes: limits.egressSentBytes,
        receivedBytes: limits.egressReceivedBytes,
      },
      () => deps.clock.monotonicMs(),
    ),
  };
  const sandbox = new Sandbox({
    platform: deps.platform,
    clock: deps.clock,
    mode: deps.sandbox ?? 'auto',
    homeDir: deps.homeDir,
    path: deps.env['PATH'],
    stateDir: deps.stateDir,
    hiddenPaths: [deps.stateDir, ...(deps.hiddenPaths ?? [])],
    limits: {
      processes: limits.commandProcesses,
      memoryBytes: limits.commandMemoryBytes,
      fileBytes: limits.commandFileBytes,
      temporaryBytes: limits.temporaryBytes,
    },
    openProxy: async (walls, kind) => (await import('./egress/command-proxy.ts')).openCommandProxy(walls, egress, kind),
  });
  const runner = new CommandRunner(deps.platform, limits.killGraceMs);
  const projectDir = deps.projectDir === undefined ? undefined : realProject(deps.projectDir);
  const project = projectDir === undefined ? {} : { projectDir };
  const trust = { folderTrusted: deps.folderTrusted === true };
  const context: ToolContext = { deps, limits, trust, store, runner, egress, ...project };
  const remote = new RemoteTools(context, sandbox);
  const backend = new BackendToolset(context);
  const registry = createRegistry(sandbox, remote, backend);
  // What the last call was told to take out is taken out of what is shown of its changes too.
  let find: ToolExecution['findSecrets'];
  const patch = new TaskPatchTracker({ store, homeDir: deps.homeDir, maxDiffBytes: limits.fileBytes, ...project });
  return {
    list: () => registry.descriptors,
    validate: (toolName, args) => registry.validate(toolName, args),
    facts: async (toolName, args) => {
      const facts = gatherFacts(context, toolOf(registry, toolName), args);
      return capabilityOf(toolName) === 'Shell.Exec' ? { ...facts, sandbox: (await sandbox.state()).kind } : facts;
    },
    describe: (toolName, args) => describe(context, toolOf(registry, toolName), args),
    prepare: (request) => prepare(context, toolOf(registry, request.toolName), request),
    execute: (request, options) => {
      find = withNamedSecrets(context, options).findSecrets;
      return execute(context, registry, request, options);
    },
    reconcile: async (intent) => {
      // Whatever is said of an interrupted command must stay true, so nothing of it may go on running.
      if (intent.toolName === 'RunCommand') await runner.endLeftovers(intent.toolCallId);
      return reconcile(intent);
    },
    patch: {
      record: (taskId, intent, outcome) => patch.record(taskId, intent, outcome),
      preview: async (taskId) => {
        const [files] = await Promise.all([patch.preview(taskId), loadDetectors()]);
        return files.map((file) => ({ ...file, diff: replaceFound(file.diff, (find ?? findSecrets)(file.diff)) }));
      },
      revert: (taskId, place, force) => patch.revert(taskId, place, force),
      accept: (taskId) => patch.accept(taskId),
      planReturn: (effects) => patch.planReturn(effects),
      giveBack: (file, force) => patch.giveBack(file, force),
      forget: () => patch.forget(),
    },
    sandboxState: () => sandbox.state(),
    trustFolder: (trusted) => {
      trust.folderTrusted = trusted;
    },
    connectRemoteTools: (servers, walls) => remote.connect(servers, walls),
    connectBackendTools: (isGranted) => backend.connect(isGranted),
    dispose: async () => {
      await Promise.all([runner.dispose(), remote.dispose()]);
    },
  };
}

function realProject(projectDir: string): string {
  try {
    return realpathSync.native(projectDir);
  } catch {
    // A folder that vanished is reported by the first tool that needs it.
    return path.resolve(projectDir);
  }
}

function toolOf(registry: Registry, toolName: string): Tool {
  const tool = registry.find(toolName);
  if (tool === undefined) throw new StewardError('TOOL_NOT_FOUND', unknownTool(toolName).message);
  return tool;
}

/** A description never fails: what can't be resolved is shown as it was written, and executing it says what is wrong. */
async function describe(context: ToolContext, tool: Tool, args: Record<string, unknown>): Promise<ToolDescription> {
  try {
    return await tool.describe(context, args);
  } catch {
    const [written] = tool.paths(args);
    const title = written === undefined ? tool.name : `${tool.name} ${written}`;
    const kind = kindOfSubject(capabilityOf(tool.name));
    const subject = { kind, toolName: tool.name, arguments: args, ...(written === undefined ? {} : { path: written }) };
    return { title, summary: title, subject, undo: 'It is not known what could be undone.', writes: ['*'] };
  }
}

function kindOfSubject(capability: CapabilityName | undefined): ToolDescription['subject']['kind'] {
  switch (capability) {
    case 'File.Read':
      return 'file_read';
    case 'File.Write':
      return 'file_write';
    case 'File.Delete':
      return 'file_delete';
    case 'Shell.Exec':
      return 'command';
    case 'Network.Http':
      return 'network';
    case 'Workspace.Upload':
      return 'upload';
    default:
      return 'remote_tool';
  }
}

async function prepare(context: ToolContext, tool: Tool, request: ToolRequest): Promise<EffectIntent> {
  const base = { toolCallId: request.toolCallId, taskId: request.taskId, toolName: request.toolName };
  if (tool.prepare === undefined) return base;
  try {
    return { ...base, ...(await tool.prepare(context, request.arguments)) };
  } catch (error) {
    if (toToolError(error).details?.['systemCode'] === 'ENOSPC')
      throw new StewardError(
        'TOOL_EXECUTION_FAILED',
        'The disk is full, so the earlier content could not be kept aside and nothing was changed.',
        { cause: error },
      );
    // A target that can't even be looked at can't be changed either; executing it says why.
    return base;
  }
}

function reconcile(intent: EffectIntent): EffectOutcome {
  if (intent.target === undefined || intent.preImageHash === undefined) return 'unknown';
  try {
    removeTemporary(intent.target, intent.toolCallId);
    const now = currentHash(intent.target);
    if (now === intent.expectedHash) return 'done';
    return now === intent.preImageHash ? 'not_done' : 'unknown';
  } catch {
    return 'unknown';
  }
}

async function execute(
  context: ToolContext,
  registry: Registry,
  request: ToolRequest,
  given: ToolExecution,
): Promise<ToolOutcome> {
  const started = context.deps.clock.monotonicMs();
  const ids = {
    toolName: request.toolName,
    sessionId: request.sessionId,
    taskId: request.taskId,
    stepId: request.stepId,
  };
  const { findSecrets } = withNamedSecrets(context, given);
  const options: ToolExecution = {
    ...given,
    onOutput: (text) => given.onOutput(text),
    ...(findSecrets === undefined ? {} : { findSecrets }),
  };
  const took = (): number => Math.max(0, Math.round(context.deps.clock.monotonicMs() - started));
  try {
    const tool = toolOf(registry, request.toolName);
    const valid = registry.validate(request.toolName, request.arguments);
    if (!valid.ok) return { ...ids, status: 'failed', error: valid.error, durationMs: took() };
    if (options.signal.aborted || options.force.aborted)
      throw new StewardError('TOOL_EXECUTION_FAILED', 'The task was cancelled before the tool started.', {
        details: { cancelled: true, begun: false },
      });
    await loadDetectors();
    const output = await tool.execute(context, toCall(context, request, valid.args, withReadDeadline(tool, options)));
    const status = output.error === undefined ? 'succeeded' : 'failed';
    return { ...ids, ...withoutSecrets(output, options.findSecrets), status, durationMs: took() };
  } catch (error) {
    const problem = toToolError(error);
    return {
      ...ids,
      status: problem.code === 'CAPABILITY_DENIED' ? 'denied' : 'failed',
      error: problem,
      durationMs: took(),
    };
  }
}

/** Values that were filled in by name are taken out here too, whatever the caller looks for. */
function withNamedSecrets(context: ToolContext, options: ToolExecution): Pick<ToolExecution, 'findSecrets'> {
  const secrets = context.deps.namedSecrets?.() ?? [];
  if (secrets.length === 0) return options;
  const literals = secrets.map(({ name, value }) => ({ text: value, kind: `secret ${name}` }));
  const named = createSecretFinder({ literals, detect: false });
  return { findSecrets: (text) => withoutOverlaps([...named(text), ...(options.findSecrets?.(text) ?? [])]) };
}

/** What a tool says and shows, with its secrets taken out; the files themselves stay as they are. */
function withoutSecrets(output: ToolOutput, findSecrets: ToolExecution['findSecrets']): ToolOutput {
  if (findSecrets === undefined) return output;
  const { outputText, diff } = output;
  return {
    ...output,
    ...(outputText === undefined ? {} : { outputText: replaceFound(outputText, findSecrets(outputText)) }),
    ...(diff === undefined ? {} : { diff: replaceFound(diff, findSecrets(diff)) }),
  };
}

/**
 * The content of an artifact with its secrets taken out, also where it is no text: a marker damages what it is in, and a
 * damaged copy is better than a secret that left. Output of commands is clean already.
 */
function cleanSource(
  source: ArtifactInput['source'],
  findSecrets: ToolExecution['findSecrets'],
): ArtifactInput['source'] {
  if (findSecrets === undefined || source.kind !== 'bytes') return source;
  const bytes = Buffer.from(source.bytes);
  const content = classify(bytes);
  const text = content.kind === 'text' ? content.text : bytes.toString('latin1');
  const found = findSecrets(text);
  if (found.length === 0) return source;
  const encoding = content.kind === 'text' ? 'utf8' : 'latin1';
  return { kind: 'bytes', bytes: Buffer.from(replaceFound(text, found), encoding) };
}

/** Listings and searches stop by themselves; commands and requests have their own time limits. */
function withReadDeadline(tool: Tool, options: ToolExecution): ToolExecution {
  if (!walkingTools.has(tool.name)) return options;
  return {
    ...options,
    onOutput: (text) => options.onOutput(text),
    signal: AbortSignal.any([options.signal, options.force, AbortSignal.timeout(walkTimeoutMs)]),
  };
}

function toCall(
  context: ToolContext,
  request: ToolRequest,
  args: Record<string, unknown>,
  options: ToolExecution,
): ToolCall {
  const { walls } = options;
  return {
    request,
    args,
    options,
    maxOutputBytes: Math.min(context.limits.outputBytes, walls.maxOutputBytes ?? Infinity),
    maxFileBytes: Math.min(context.limits.fileBytes, walls.maxFileSizeBytes ?? Infinity),
    keep: async (input) => {
      try {
        const source = cleanSource(input.source, options.findSecrets);
        context.egress.budget.begin();
        context.egress.budget.send(source.kind === 'bytes' ? source.bytes.length : source.sizeBytes);
        return await context.deps.uploadArtifact({
          ...input,
          source,
          sessionId: request.sessionId,
          taskId: request.taskId,
          stepId: request.stepId,
          toolCallId: request.toolCallId,
        });
      } catch {
        // The result itself is complete; a copy that could not be kept must not turn it into a failure.
        return undefined;
      }
    },
  };
}
