/** The process stops; the task stays as it is in the journal and can be resumed. Reason of an abort signal. */
export class StopSignal extends Error {
  constructor() {
    super('The runtime is stopping.');
    this.name = 'StopSignal';
  }
}
