import { createHash } from 'node:crypto';
import type { Revocation } from '@steward/service-kit';
import { readTextIfPresent, writePrivateFile } from '../home/private-file.ts';
import { ACCESS_TOKEN_SECONDS } from './claims.ts';

/** The `sid` claim of a sign-in's tokens: tells sign-ins apart and nothing else. */
export function signInIdOf(grantId: string): string {
  return createHash('sha256').update(grantId).digest('base64url').slice(0, 22);
}

/** Sign-ins that ended while access tokens of theirs may still be good; kept on disk until those have expired. */
export class EndedSignIns {
  readonly #path: string;
  readonly #now: () => number;
  readonly #untilMs: Map<string, number>;

  private constructor(path: string, now: () => number, untilMs: Map<string, number>) {
    this.#path = path;
    this.#now = now;
    this.#untilMs = untilMs;
  }

  /** @param now epoch milliseconds */
  static async open(path: string, now: () => number): Promise<EndedSignIns> {
    const text = await readTextIfPresent(path);
    const entries = text === undefined ? [] : (JSON.parse(text) as [string, number][]);
    return new EndedSignIns(path, now, new Map(entries));
  }

  /** Resolves once it is on disk. */
  async add(grantId: string): Promise<void> {
    const id = signInIdOf(grantId);
    if (this.#untilMs.has(id)) return;
    this.#untilMs.set(id, this.#now() + ACCESS_TOKEN_SECONDS * 1000 + 60_000);
    this.#dropPast();
    await writePrivateFile(this.#path, JSON.stringify([...this.#untilMs]));
  }

  /** As services read them. */
  list(): Revocation[] {
    this.#dropPast();
    return [...this.#untilMs.keys()].map((id) => ({ kind: 'sign_in', id }));
  }

  #dropPast(): void {
    for (const [id, untilMs] of this.#untilMs) if (untilMs <= this.#now()) this.#untilMs.delete(id);
  }
}
