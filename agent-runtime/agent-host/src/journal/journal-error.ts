import { StewardError } from '@steward/sdk';

/**
 * The journal could not be written, so nothing that depends on it may happen. What was appended is kept in memory and
 * written first as soon as the disk takes it again.
 */
export class JournalUnavailableError extends StewardError {
  readonly errno: string;

  constructor(path: string, cause: unknown) {
    const errno = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'unknown';
    const full = errno === 'ENOSPC' || errno === 'EDQUOT';
    const message = full
      ? `The disk that holds ${path} is full. Nothing is lost; make room, then resume.`
      : `The journal ${path} can't be written (${errno}). Nothing is lost; make the disk writable, then resume.`;
    super('INTERNAL_ERROR', message, { retryable: true, details: { errno, path }, cause });
    this.name = 'JournalUnavailableError';
    this.errno = errno;
  }
}

/** Does something with the disk; what the system says against it becomes a JournalUnavailableError that names the path. */
export function onDisk<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof StewardError ? error : new JournalUnavailableError(path, error);
  }
}
