import { existsSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { isHandedOnly } from '@steward/policy-engine';
import { StewardError } from '@steward/sdk';
import type { ToolDescription } from '@steward/tool-port';
import type { Tool, ToolCall, ToolContext, ToolOutput } from './tool.ts';
import { optionalText, textArg, textsOf } from './tool.ts';
import { pathBase } from './read-file.ts';
import { absolutePath, displayPath, realPathOf } from '../files/resolve.ts';
import { OutputSpool } from '../output/spool.ts';
import { gitVariables, repositoryKeys } from '../platform/git-settings.ts';
import type { ProcessResult } from '../platform/run-process.ts';
import { fillVariables } from '../secrets/fill-references.ts';
import { simpleCommandWords } from '../platform/simple-command.ts';
import { controlPlaces } from '../sandbox/mounts.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { sizeInWords } from '../files/text.ts';

const defaultTimeoutSeconds = 300;
const riskyWords = new Set([
  'sudo',
  'su',
  'doas',
  'rm',
  'rmdir',
  'dd',
  'mkfs',
  'shred',
  'chmod',
  'chown',
  'curl',
  'wget',
  'ssh',
  'scp',
  'nc',
  'ncat',
  'eval',
  'kill',
  'pkill',
  'killall',
  'shutdown',
  'reboot',
  '-rf',
  '-fr',
  '--force',
  '-f',
  '--hard',
  'push',
  'publish',
  '--no-verify',
]);

/** `RunCommand`: one command in a folder, behind the walls of the operating system where there are some. */
export function createRunCommand(sandbox: Sandbox): Tool {
  return {
    name: 'RunCommand',
    paths: (args) => [optionalText(args, 'cwd') ?? '.'],
    describe: (context, args) => Promise.resolve(describeCommand(context, args)),
    execute: (context, call) => runCommand(context, call, sandbox),
  };
}

function describeCommand(context: ToolContext, args: Record<string, unknown>): ToolDescription {
  const command = textArg(args, 'command');
  const firstLine = command.trim().split('\n')[0] ?? '';
  const short = firstLine.length > 100 || firstLine !== command.trim() ? `${firstLine.slice(0, 100)}…` : firstLine;
  const riskyParts = [...new Set(command.split(/[\s;&|()<>"'`]+/).filter((word) => riskyWords.has(word)))];
  const stdin = optionalText(args, 'stdin');
  return {
    title: `Run ${short}`,
    summary: `Ran ${short}`,
    subject: {
      kind: 'command',
      command,
      cwd: workingFolder(context, args),
      ...(args['env'] === undefined ? {} : { arguments: { env: args['env'] } }),
      ...(stdin === undefined ? {} : { body: stdin }),
      ...(riskyParts.length === 0 ? {} : { riskyParts }),
    },
    undo: "What a command does can't be undone by Steward; files it changes are not in the patch.",
    writes: ['*'],
  };
}

function workingFolder(context: ToolContext, args: Record<string, unknown>): string {
  return realPathOf(
    absolutePath(
      optionalText(args, 'cwd') ?? (context.projectDir === undefined ? context.deps.homeDir : '.'),
      pathBase(context),
    ),
  );
}

async function runCommand(context: ToolContext, call: ToolCall, sandbox: Sandbox): Promise<ToolOutput> {
  const { args, options, request } = call;
  const command = textArg(args, 'command');
  const cwd = workingFolder(context, args);
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory())
    throw new StewardError('FILE_NOT_FOUND', `The folder ${cwd} does not exist, so the command can't run in it.`);
  const { argv, verbatim } = commandLine(command, context.deps.platform, context.deps.env);
  const program = argv[0] ?? '';
  if (context.deps.platform !== 'win32' && !isProgram(program, cwd, context.deps.env['PATH']))
    return notFound(context, cwd, program);
  const variables = fillVariables(textsOf(args['env']), command, context.deps.namedSecrets?.() ?? [], isHandedOnly);
  const stdin = optionalText(args, 'stdin');
  const timeoutSeconds = typeof args['timeoutSeconds'] === 'number' ? args['timeoutSeconds'] : defaultTimeoutSeconds;
  const spool = new OutputSpool(
    path.join(context.deps.stateDir, 'outputs', `${request.toolCallId}.log`),
    context.limits.artifactThresholdBytes,
    context.limits.spoolBytes,
  );
  const { kind } = await sandbox.state();
  const enclosure = await sandbox.enclose(argv, cwd, options.walls, timeoutSeconds * cpus().length);
  const before = controlFiles(options.walls.writeRoots);
  const { limits } = context;
  const running = context.runner.run({
    marker: request.toolCallId,
    argv: enclosure.argv,
    cwd,
    env: context.deps.env,
    extraEnv: { ...variables, ...gitSettings(context, cwd), ...enclosure.env },
    ...(options.findSecrets === undefined ? {} : { findSecrets: options.findSecrets }),
    ...(kind === 'none'
      ? {}
      : {
          limits: {
            processes: limits.commandProcesses,
            memoryBytes: limits.commandMemoryBytes,
            diskReserveBytes: limits.diskReserveBytes,
            folder: cwd,
          },
        }),
    ...(stdin === undefined ? {} : { stdin }),
    timeoutMs: timeoutSeconds * 1000,
    force: options.force,
    maxOutputBytes: call.maxOutputBytes,
    liveOutputBytes: context.limits.liveOutputBytes,
    spool,
    contained: kind === 'bubblewrap',
    verbatim,
    onOutput: (text) => options.onOutput(text),
  });
  const result = await running.finally(() => enclosure.release());
  const whole = await spool.finish();
  const kept =
    whole === undefined
      ? undefined
      : await call.keep({
          artifactType: 'tool_output',
          name: `${request.toolCallId}.log`,
          contentType: 'text/plain; charset=utf-8',
          source: { kind: 'file', path: whole.path, sizeBytes: whole.sizeBytes },
        });
  const appeared = controlFiles(options.walls.writeRoots).filter((place) => !before.includes(place));
  return toOutput(context, cwd, result, timeoutSeconds, kept === undefined ? [] : [kept.uri], [
    ...(whole?.cut === true
      ? [`only the first ${sizeInWords(whole.sizeBytes)} of the output are kept as an artifact`]
      : []),
    ...(enclosure.hidden.length === 0
      ? []
      : [
          `the command could not open these, since the policy does not let them be read without asking: ${enclosure.hidden
            .slice(0, 10)
            .map((place) => displayPath(place, context.projectDir))
            .join(', ')}`,
        ]),
    ...appeared.map(
      (place) =>
        `the command made ${displayPath(place, context.projectDir)}, which other programs obey without asking; look at it before you use them here`,
    ),
  ]);
}

/** Until a person trusts the folder, git runs nothing that the repository names. */
function gitSettings(context: ToolContext, cwd: string): Record<string, string> {
  if (context.trust.folderTrusted) return {};
  const folders = new Set([cwd, context.projectDir ?? cwd]);
  return gitVariables([...folders].flatMap((folder) => repositoryKeys(folder, context.deps.env['PATH'])));
}

/** Places that other programs obey, where they exist now. */
function controlFiles(roots: readonly string[]): string[] {
  return roots
    .flatMap((root) => controlPlaces.map((place) => path.join(root, place)))
    .filter((place) => existsSync(place));
}

/** Asked before the sandbox, whose own words for it would confuse. */
function isProgram(program: string, cwd: string, searchPath: string | undefined): boolean {
  if (program.includes('/')) return existsSync(path.resolve(cwd, program));
  return (searchPath ?? '/usr/bin:/bin').split(':').some((folder) => existsSync(path.resolve(cwd, folder, program)));
}

function notFound(context: ToolContext, cwd: string, program: string): ToolOutput {
  const result: ProcessResult = {
    exitCode: 127,
    leftovers: false,
    output: `${program}: command not found\n`,
    outputBytes: 0,
  };
  return toOutput(context, cwd, result, 0, [], []);
}

function toOutput(
  context: ToolContext,
  cwd: string,
  result: ProcessResult,
  timeoutSeconds: number,
  artifactUris: string[],
  remarks: readonly string[],
): ToolOutput {
  const notes = [...(result.leftovers ? ['processes that the command left running were ended'] : []), ...remarks];
  const outputText = result.output + (notes.length === 0 ? '' : `\n[${notes.join('; ')}]`);
  const error = problemOf(result, timeoutSeconds);
  return {
    outputText,
    exitCode: result.exitCode,
    ...(artifactUris.length === 0 ? {} : { artifactUris }),
    ...(error === undefined ? {} : { error }),
    provenance: { source: 'command_output', trust: 'untrusted', detail: displayPath(cwd, context.projectDir) },
  };
}

function problemOf(result: ProcessResult, timeoutSeconds: number): ToolOutput['error'] {
  if (result.stopped === 'timeout')
    return {
      code: 'TOOL_EXECUTION_TIMEOUT',
      message: `The command took longer than ${timeoutSeconds} s and was stopped with everything it had started. Give it more time by timeoutSeconds, or split the work.`,
    };
  if (result.stopped === 'forced')
    return {
      code: 'TOOL_EXECUTION_FAILED',
      message: 'The command was cancelled and stopped with everything it had started.',
      details: { cancelled: true },
    };
  if (result.stopped !== undefined) return excessProblem(result.stopped);
  if (result.exitCode === 0) return undefined;
  return {
    code: 'TOOL_EXECUTION_FAILED',
    message: `The command ended with exit code ${result.exitCode}.`,
    details: { exitCode: result.exitCode },
  };
}

const excessWords = {
  processes: 'started more processes than a command may have at one time',
  memory: 'used more memory than a command may have',
  disk: 'left too little space free on the disk',
};

function excessProblem(excess: keyof typeof excessWords): NonNullable<ToolOutput['error']> {
  return {
    code: 'TOOL_EXECUTION_FAILED',
    message: `The command ${excessWords[excess]}, so it was stopped with everything it had started. Split the work into smaller parts.`,
    details: { limit: excess },
  };
}

/** How a command text is started: as a program with arguments where it needs no shell, by the shell otherwise. */
export function commandLine(
  command: string,
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
): { argv: readonly string[]; verbatim: boolean } {
  if (platform === 'win32')
    return { argv: [env['COMSPEC'] ?? 'cmd.exe', '/d', '/s', '/c', `"${command}"`], verbatim: true };
  const words = simpleCommandWords(command);
  if (words !== undefined) return { argv: words, verbatim: false };
  return {
    argv: existsSync('/bin/bash') ? ['/bin/bash', '--noprofile', '--norc', '-c', command] : ['/bin/sh', '-c', command],
    verbatim: false,
  };
}
