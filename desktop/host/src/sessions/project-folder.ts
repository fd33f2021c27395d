import { access, constants, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { StewardError } from '@steward/sdk';
import { codeOf } from '../files/private-files.ts';

/** Makes sure that a conversation can work in this folder; says in words when it can't. */
export async function checkProjectFolder(path: string): Promise<void> {
  if (!isAbsolute(path)) {
    throw new StewardError(
      'INVALID_REQUEST',
      `The folder ${path} is not an absolute path. Choose a folder from the list.`,
    );
  }
  try {
    const found = await stat(path);
    if (!found.isDirectory())
      throw new StewardError('INVALID_REQUEST', `${path} is a file. Choose the folder that holds it.`);
    await access(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw folderError(path, error);
  }
}

/** The sentence for a folder that could not be used. */
export function folderError(path: string, error: unknown): StewardError {
  if (error instanceof StewardError) return error;
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new StewardError('FILE_NOT_FOUND', `The folder ${path} does not exist. Choose another one.`, {
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new StewardError('PERMISSION_DENIED', `You may not open the folder ${path}. Choose another one.`, {
      cause: error,
    });
  }
  return new StewardError('INTERNAL_ERROR', `The folder ${path} can’t be read. Choose another one.`, { cause: error });
}
