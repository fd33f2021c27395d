const eventsPerMark = 64;

/** Where each event of a journal lies: one position for every so many events, those between are found by reading on. */
export class EventIndex {
  #marks: number[] = [];
  #count = 0;

  /** Number of events. */
  get count(): number {
    return this.#count;
  }

  /** The next event lies at this position. */
  add(offset: number): void {
    if (this.#count % eventsPerMark === 0) this.#marks.push(offset);
    this.#count += 1;
  }

  /** Takes over what another one knows; that one is not used any more. */
  replaceBy(other: EventIndex): void {
    this.#marks = other.#marks;
    this.#count = other.#count;
  }

  /** Where to begin to read for an event, counted from 0, and how many others to pass over from there. */
  placeOf(event: number): { readonly offset: number; readonly skip: number } {
    const mark = Math.floor(event / eventsPerMark);
    return { offset: this.#marks[mark]!, skip: event - mark * eventsPerMark };
  }
}
