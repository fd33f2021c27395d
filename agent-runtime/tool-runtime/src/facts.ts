import path from 'node:path';
import type { PolicyFacts } from '@steward/contracts';
import { absolutePath, realPathOf, type PathBase } from './files/resolve.ts';
import { pathBase } from './tools/read-file.ts';
import { optionalText, type Tool, type ToolContext } from './tools/tool.ts';

const maxWords = 200;

/**
 * What a pure decision needs to know of the machine: where every path leads that the action names. Names are resolved,
 * nothing is opened. For a command the words that could be paths are resolved too, more of them rather than fewer.
 */
export function gatherFacts(context: ToolContext, tool: Tool, args: Record<string, unknown>): PolicyFacts {
  const base = pathBase(context);
  const start = context.projectDir ?? context.deps.homeDir;
  const realPaths: Record<string, string> = {};
  const add = (written: string, cwd?: string): string | undefined => {
    const absolute = tryAbsolute(written, base, cwd);
    if (absolute !== undefined) realPaths[absolute] ??= realPathOf(absolute);
    return absolute;
  };
  add(start);
  if (context.deps.projectDir !== undefined) add(context.deps.projectDir);
  if (tool.name === 'RunCommand') {
    const written = optionalText(args, 'cwd');
    const folder = (written === undefined ? undefined : add(written)) ?? start;
    const cwd = realPaths[folder] ?? folder;
    for (const word of possiblePaths(optionalText(args, 'command') ?? '')) {
      add(word, cwd);
      if (word.includes('..')) addAsKernel(word, cwd, realPaths);
    }
  } else for (const written of tool.paths(args)) add(written);
  const { platform } = context.deps;
  return {
    platform: platform === 'darwin' || platform === 'win32' ? platform : 'linux',
    cwd: start,
    homeDir: context.deps.homeDir,
    realPaths,
    ...(context.projectDir === undefined
      ? {}
      : { workspaceDir: context.projectDir, folderTrusted: context.trust.folderTrusted }),
  };
}

/** In the kernel `..` leaves the folder that a link leads to, not the one it lies in; so each step is resolved. */
function addAsKernel(word: string, cwd: string, realPaths: Record<string, string>): void {
  let current = word.startsWith('/') ? '/' : cwd;
  for (const segment of word.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') current = path.dirname((realPaths[current] ??= realPathOf(current)));
    else current = path.join(current, segment);
  }
  realPaths[current] ??= realPathOf(current);
}

function possiblePaths(command: string): string[] {
  const words = command
    .split(/[\s;&|()<>"'`=]+/)
    .filter((word) => word !== '' && !word.startsWith('-') && !word.includes('\0') && word.length <= 4096);
  return [...new Set(words)].slice(0, maxWords);
}

function tryAbsolute(written: string, base: PathBase, cwd: string | undefined): string | undefined {
  try {
    return absolutePath(written, base, cwd);
  } catch {
    // A relative path without a project is refused when it is judged, with its reason.
    return undefined;
  }
}
