/** Imported by the process that is watched: answers each question on its channel with its memory in bytes. */
process.on('message', () => {
  globalThis.gc?.();
  process.send(process.memoryUsage());
});
// The channel keeps no process alive.
process.channel.unref();
