const messagesPerMark = 32;

/** Messages that follow each other in one file with no return to an earlier step in between. */
interface Run {
  /** Name of the sealed file; undefined is the journal itself. */
  readonly segment: string | undefined;
  readonly first: number;
  /** Number of the message after its last. */
  end: number;
  /** Positions in the journal of the messages `first`, `first + messagesPerMark`, and so on. */
  readonly marks: number[];
}

/** A part of a file in which messages are found one after the other. */
export interface MessagePlace {
  readonly segment: string | undefined;
  /** Where to begin to read; the beginning of a sealed file. */
  readonly offset: number;
  /** Messages to pass over from there. */
  readonly skip: number;
  readonly count: number;
}

/**
 * Where each message of a conversation lies on the disk. One position is kept for every so many messages; those between
 * are found by reading on, so that the index stays small however long the conversation gets.
 */
export class MessageIndex {
  #runs: Run[] = [];
  #broken = false;

  /** Number of messages. */
  get length(): number {
    return this.#runs.at(-1)?.end ?? 0;
  }

  /** The next message lies at this position of the journal. */
  add(offset: number): void {
    let run = this.#runs.at(-1);
    if (run === undefined || this.#broken || run.segment !== undefined) {
      run = { segment: undefined, first: this.length, end: this.length, marks: [] };
      this.#runs.push(run);
      this.#broken = false;
    }
    if ((run.end - run.first) % messagesPerMark === 0) run.marks.push(offset);
    run.end += 1;
  }

  /** The next messages lie in a sealed file, from its beginning on. */
  addSealed(segment: string, count: number): void {
    this.#runs.push({ segment, first: this.length, end: this.length + count, marks: [0] });
  }

  /** What is added next does not follow the last message in its file. */
  interrupt(): void {
    this.#broken = true;
  }

  /** Leaves only the first messages. */
  truncate(length: number): void {
    while ((this.#runs.at(-1)?.first ?? -1) >= length) this.#runs.pop();
    const run = this.#runs.at(-1);
    if (run !== undefined && run.end > length) {
      run.end = length;
      run.marks.length = Math.min(run.marks.length, Math.ceil((length - run.first) / messagesPerMark));
    }
    this.interrupt();
  }

  /** Takes over what another one knows; that one is not used any more. */
  replaceBy(other: MessageIndex): void {
    this.#runs = other.#runs;
    this.#broken = other.#broken;
  }

  /** Where the messages from one number up to before another lie, in order. */
  *places(from: number, to: number): Generator<MessagePlace> {
    for (const { segment, first, end, marks } of this.#runs) {
      const start = Math.max(from, first);
      const stop = Math.min(to, end);
      if (start >= stop) continue;
      const mark = segment === undefined ? Math.floor((start - first) / messagesPerMark) : 0;
      yield { segment, offset: marks[mark]!, skip: start - first - mark * messagesPerMark, count: stop - start };
    }
  }
}
