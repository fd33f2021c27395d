/** Imported by the process that is watched: answers each question on its channel with its memory in bytes. */
import { setImmediate } from 'node:timers/promises';

/** One collection frees what the finalizers of another have let go: buffers, mostly. */
const collections = 4;

process.on('message', async () => {
  for (let done = 0; done < collections; done += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
  process.send(process.memoryUsage());
});
// The channel keeps no process alive.
process.channel.unref();
