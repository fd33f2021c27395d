/** Something that happens later, collected; `until` resolves with the first item that fits, past or future. */
export class Collector<T> {
  readonly items: T[] = [];
  #waiting: { readonly fits: (item: T) => boolean; readonly resolve: (item: T) => void }[] = [];

  readonly add = (item: T): void => {
    this.items.push(item);
    const ready = this.#waiting.filter((entry) => entry.fits(item));
    this.#waiting = this.#waiting.filter((entry) => !ready.includes(entry));
    for (const entry of ready) entry.resolve(item);
  };

  until(fits: (item: T) => boolean): Promise<T> {
    const found = this.items.find(fits);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve) => this.#waiting.push({ fits, resolve }));
  }
}
