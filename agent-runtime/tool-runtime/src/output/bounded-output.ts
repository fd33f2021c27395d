/** Output that keeps its first 80 % and last 20 % of a bound, whatever comes, in constant memory. */
export class BoundedOutput {
  readonly #headBytes: number;
  readonly #tailBytes: number;
  readonly #head: Buffer[] = [];
  #tail: Buffer[] = [];
  #headLength = 0;
  #tailLength = 0;
  #total = 0;

  constructor(maxBytes: number) {
    this.#headBytes = Math.floor(maxBytes * 0.8);
    this.#tailBytes = Math.max(0, maxBytes - this.#headBytes);
  }

  /** Everything that came, in bytes. */
  get totalBytes(): number {
    return this.#total;
  }

  /** Takes the next bytes; copies what it keeps. */
  push(chunk: Uint8Array): void {
    this.#total += chunk.length;
    const forHead = Math.min(chunk.length, this.#headBytes - this.#headLength);
    if (forHead > 0) {
      this.#head.push(Buffer.from(chunk.subarray(0, forHead)));
      this.#headLength += forHead;
    }
    if (forHead >= chunk.length || this.#tailBytes === 0) return;
    const rest = Buffer.from(chunk.subarray(Math.max(forHead, chunk.length - this.#tailBytes)));
    this.#tail.push(rest);
    this.#tailLength += rest.length;
    if (this.#tailLength > this.#tailBytes * 4) this.#compact();
  }

  /** The kept text, with a marker that says how much is left out; cut between characters. */
  text(): string {
    const head = Buffer.concat(this.#head);
    this.#compact();
    const tail = this.#tail[0] ?? Buffer.alloc(0);
    const leftOut = this.#total - head.length - tail.length;
    if (leftOut <= 0) return Buffer.concat([head, tail]).toString('utf8');
    const shownHead = head.subarray(0, wholeCharacters(head));
    const shownTail = tail.subarray(firstCharacter(tail));
    const hidden = this.#total - shownHead.length - shownTail.length;
    return `${shownHead.toString('utf8')}\n[… ${hidden} of ${this.#total} bytes left out …]\n${shownTail.toString('utf8')}`;
  }

  #compact(): void {
    const all = Buffer.concat(this.#tail);
    const kept = all.length > this.#tailBytes ? Buffer.from(all.subarray(all.length - this.#tailBytes)) : all;
    this.#tail = [kept];
    this.#tailLength = kept.length;
  }
}

/** Bounds a text that is in memory already. */
export function boundText(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return text;
  const bounded = new BoundedOutput(maxBytes);
  bounded.push(bytes);
  return bounded.text();
}

/** Length without a character that is cut at the end. */
export function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function firstCharacter(bytes: Uint8Array): number {
  let at = 0;
  while (at < Math.min(3, bytes.length) && ((bytes[at] ?? 0) & 0xc0) === 0x80) at++;
  return at;
}
