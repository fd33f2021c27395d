/** The stack cannot start; `message` is one clear sentence for the person who started it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The command line is wrong; `message` says what and how it would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
