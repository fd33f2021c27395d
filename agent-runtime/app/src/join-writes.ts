import type { Writable } from 'node:stream';

/**
 * Makes a stream hand everything that is written in one turn to the system in one call: a step emits several events at
 * once, and each call costs as much as the event itself. Returns the same stream.
 */
export function joinWrites<S extends Writable>(stream: S): S {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let corked = false;
  stream.write = ((...args: unknown[]) => {
    if (!corked) {
      corked = true;
      stream.cork();
      queueMicrotask(() => {
        corked = false;
        stream.uncork();
      });
    }
    return write(...args);
  }) as S['write'];
  return stream;
}
