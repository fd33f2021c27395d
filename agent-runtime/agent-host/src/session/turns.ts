/** Lets actions happen one after the other: the same request twice at the same time must find what the first one did. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Begins the action once every earlier one has ended, however it ended; settles as the action does. */
  take<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#last.then(action);
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}
