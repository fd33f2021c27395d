import type { ErrorCode, ToolError } from '@steward/contracts';
import { StewardError } from '@steward/sdk';

/** The shape of an error that a model and a person read; system errors are put into words, unknown ones are not repeated. */
export function toToolError(error: unknown): ToolError {
  if (error instanceof StewardError) {
    const hasDetails = Object.keys(error.details).length > 0;
    return { code: error.code, message: error.message, ...(hasDetails ? { details: error.details } : {}) };
  }
  const known = systemProblem(error);
  if (known !== undefined) return known;
  return { code: 'TOOL_EXECUTION_FAILED', message: 'The tool failed for a reason it does not know how to explain.' };
}

/** The error for a path that the policy does not allow at the moment of use. */
export function outsideWalls(capability: string, path: string): StewardError {
  return new StewardError(
    'CAPABILITY_DENIED',
    `${path} is outside what ${capability} allows. Work inside the allowed folders, or ask an admin.`,
    {
      details: { reasonCodes: ['PATH_NOT_ALLOWED_AT_USE'], capability },
    },
  );
}

/** The `code` of a Node system error; undefined for any other value. */
export function systemCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const sentences: Record<string, readonly [ErrorCode, string]> = {
  ENOENT: ['FILE_NOT_FOUND', 'does not exist. Check the path, or list its folder first.'],
  ENOTDIR: ['FILE_NOT_FOUND', 'does not exist: a part of the path is a file, not a folder.'],
  EISDIR: ['INVALID_REQUEST', 'is a folder. Name a file inside it.'],
  EACCES: ['PERMISSION_DENIED', 'may not be used by this user. Change its permissions first.'],
  EPERM: ['PERMISSION_DENIED', 'may not be used by this user. Change its permissions first.'],
  EROFS: ['PERMISSION_DENIED', 'lies on a read-only disk.'],
  ELOOP: ['PERMISSION_DENIED', 'is a symbolic link, or became one while it was used.'],
  ENXIO: ['INVALID_REQUEST', 'is not a regular file.'],
  ENOSPC: [
    'TOOL_EXECUTION_FAILED',
    'could not be written: the disk is full. Nothing was changed; free some space and try again.',
  ],
  EDQUOT: ['TOOL_EXECUTION_FAILED', 'could not be written: the disk quota is used up. Nothing was changed.'],
  EMFILE: ['TOOL_EXECUTION_FAILED', 'could not be opened: too many files are open.'],
  ENAMETOOLONG: ['INVALID_REQUEST', 'has a name that is too long for the disk.'],
};

function systemProblem(error: unknown): ToolError | undefined {
  const code = systemCodeOf(error);
  if (code === undefined) return undefined;
  const path =
    typeof error === 'object' && error !== null && 'path' in error && typeof error.path === 'string'
      ? error.path
      : 'The file';
  const [errorCode, sentence] = sentences[code] ?? ['TOOL_EXECUTION_FAILED' as const, `could not be used (${code}).`];
  return {
    code: errorCode,
    message: `${path.startsWith('/proc/self/fd/') ? 'The file' : path} ${sentence}`,
    details: { systemCode: code },
  };
}
