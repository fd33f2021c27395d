/** One progress line on stderr, with the seconds since the run began. */
export function say(sentence) {
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${sentence}\n`);
}

const started = performance.now();

/** Thrown when this machine lacks something; the message says what, and how to get it. */
export class MissingError extends Error {
  name = 'MissingError';
}
