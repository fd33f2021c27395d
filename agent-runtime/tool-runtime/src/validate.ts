import type { ToolError } from '@steward/contracts';
import {
  assertValid,
  StewardError,
  validateDeleteFileArguments,
  validateEditFileArguments,
  validateFindFilesArguments,
  validateHttpRequestArguments,
  validateListDirectoryArguments,
  validateReadFileArguments,
  validateRunCommandArguments,
  validateSearchTextArguments,
  validateUploadArtifactArguments,
  validateWriteFileArguments,
  type Validator,
} from '@steward/sdk';
import type { Validation } from '@steward/tool-port';
import { toToolError } from './problem.ts';

const validators = new Map<string, Validator>([
  ['ReadFile', validateReadFileArguments],
  ['ListDirectory', validateListDirectoryArguments],
  ['FindFiles', validateFindFilesArguments],
  ['SearchText', validateSearchTextArguments],
  ['WriteFile', validateWriteFileArguments],
  ['EditFile', validateEditFileArguments],
  ['DeleteFile', validateDeleteFileArguments],
  ['RunCommand', validateRunCommandArguments],
  ['HttpRequest', validateHttpRequestArguments],
  ['UploadArtifact', validateUploadArtifactArguments],
]);

/** Checks the arguments of a built-in tool against its schema; never throws and never repeats a value. */
export function validateArguments(toolName: string, args: unknown): Validation {
  const validator = validators.get(toolName);
  if (validator === undefined) return { ok: false, error: unknownTool(toolName) };
  try {
    const valid = assertValid<Record<string, unknown>>(validator, args, `${toolName} arguments`);
    const problem = crossFieldProblem(toolName, valid);
    if (problem !== undefined) throw new StewardError('INVALID_REQUEST', `${toolName} arguments: ${problem}`);
    return { ok: true, args: valid };
  } catch (error) {
    return { ok: false, error: toToolError(error) };
  }
}

/** The error for a tool that is not there. */
export function unknownTool(toolName: string): ToolError {
  return {
    code: 'TOOL_NOT_FOUND',
    message: `There is no tool named ${toolName.slice(0, 200)}. Use one of ${[...validators.keys()].join(', ')}.`,
  };
}

function crossFieldProblem(toolName: string, args: Record<string, unknown>): string | undefined {
  for (const field of ['path', 'cwd', 'pattern', 'glob', 'command']) {
    const value = args[field];
    if (typeof value === 'string' && value.includes('\0')) return `the field ${field} contains a NUL character.`;
  }
  if (toolName === 'UploadArtifact' && (args['path'] === undefined) === (args['content'] === undefined)) {
    return 'give either path or content, not both and not neither.';
  }
  return undefined;
}
