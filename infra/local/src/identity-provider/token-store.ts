import type { Adapter, AdapterPayload } from 'oidc-provider';
import { readTextIfPresent, writePrivateFile } from '../home/private-file.ts';

interface Stored {
  readonly payload: AdapterPayload;
  /** Epoch milliseconds; `undefined` never expires. */
  readonly expiresAt?: number;
}

/** Kinds whose loss would sign people out or replay a used token; the others live minutes and stay in memory. */
const DURABLE_KINDS = new Set(['Grant', 'RefreshToken', 'Session']);

/**
 * Keeps the identity provider's tokens, grants and sessions.
 * Durable kinds are on disk (one private file, replaced atomically) before a write resolves; the file belongs to one
 * process at a time, which the home lock guarantees.
 */
export class TokenStore {
  readonly #entries = new Map<string, Stored>();
  readonly #path: string;
  readonly #now: () => number;
  readonly #onGrantEnded: (grantId: string) => Promise<void>;
  #dirty = false;
  #writing: Promise<void> | undefined;

  private constructor(path: string, now: () => number, onGrantEnded: (grantId: string) => Promise<void>) {
    this.#path = path;
    this.#now = now;
    this.#onGrantEnded = onGrantEnded;
  }

  /** Opens the store and drops what has expired. `onGrantEnded` hears of sign-ins that were revoked. */
  static async open(
    path: string,
    now: () => number,
    onGrantEnded: (grantId: string) => Promise<void> = async () => undefined,
  ): Promise<TokenStore> {
    const store = new TokenStore(path, now, onGrantEnded);
    const text = await readTextIfPresent(path);
    if (text !== undefined) {
      for (const [key, entry] of Object.entries(JSON.parse(text) as Record<string, Stored>)) {
        store.#entries.set(key, entry);
      }
    }
    store.#dropExpired();
    return store;
  }

  /** The adapter for one kind of record, in the shape that `oidc-provider` asks for. */
  adapter(kind: string): Adapter {
    const keyOf = (id: string): string => `${kind}:${id}`;
    const durable = DURABLE_KINDS.has(kind);
    const settle = (): Promise<void> => (durable ? this.#flush() : Promise.resolve());
    return {
      upsert: async (id, payload, expiresIn) => {
        const expiry = expiresIn === undefined ? {} : { expiresAt: this.#now() + expiresIn * 1000 };
        this.#entries.set(keyOf(id), { payload, ...expiry });
        await settle();
      },
      find: async (id) => this.#find(keyOf(id)),
      findByUid: async (uid) => this.#findWhere(`${kind}:`, (payload) => payload.uid === uid),
      findByUserCode: async (code) => this.#findWhere(`${kind}:`, (payload) => payload.userCode === code),
      consume: async (id) => {
        const entry = this.#entries.get(keyOf(id));
        if (entry === undefined) return;
        const consumed = Math.floor(this.#now() / 1000);
        this.#entries.set(keyOf(id), { ...entry, payload: { ...entry.payload, consumed } });
        await settle();
      },
      destroy: async (id) => {
        if (this.#entries.delete(keyOf(id))) await settle();
      },
      revokeByGrantId: async (grantId) => {
        for (const [key, entry] of this.#entries) {
          if (entry.payload.grantId === grantId) this.#entries.delete(key);
        }
        await this.#onGrantEnded(grantId);
        await this.#flush();
      },
    };
  }

  /** Waits until everything durable is on disk. */
  async close(): Promise<void> {
    await this.#writing;
  }

  #find(key: string): AdapterPayload | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#expired(entry)) {
      this.#entries.delete(key);
      return undefined;
    }
    return entry.payload;
  }

  #findWhere(prefix: string, matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [key, entry] of this.#entries) {
      if (key.startsWith(prefix) && matches(entry.payload)) return this.#find(key);
    }
    return undefined;
  }

  #expired(entry: Stored): boolean {
    return entry.expiresAt !== undefined && entry.expiresAt <= this.#now();
  }

  #dropExpired(): void {
    for (const [key, entry] of this.#entries) if (this.#expired(entry)) this.#entries.delete(key);
  }

  /** Writes that arrive while one is under way share the next one: both are on disk when their promise resolves. */
  async #flush(): Promise<void> {
    this.#dirty = true;
    while (this.#dirty) {
      if (this.#writing !== undefined) {
        await this.#writing;
        continue;
      }
      this.#dirty = false;
      this.#dropExpired();
      const durable = [...this.#entries].filter(([key]) => DURABLE_KINDS.has(key.slice(0, key.indexOf(':'))));
      this.#writing = writePrivateFile(this.#path, JSON.stringify(Object.fromEntries(durable))).finally(() => {
        this.#writing = undefined;
      });
      await this.#writing;
    }
    await this.#writing;
  }
}
