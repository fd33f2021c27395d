import type { Clock } from '@steward/sdk';
import { timestampOf } from '@steward/sdk';
import type { ServiceHealth } from '../contract/bridge.ts';
import type { StackDescription } from '../stack/stack-description.ts';
import type { Timers } from '../timers.ts';

/** What {@link ServiceHealthMonitor} needs. */
export interface ServiceHealthDeps {
  readonly stack: StackDescription;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onChange: () => void;
}

const pollMs = 30_000;
// What does not answer may be starting: a person should not read "not reachable" for long after it answers.
const pollDownMs = 2_500;
const freshMs = 2_000;
const timeoutMs = 5_000;

/** Knows whether the services answer: asks every 30 s, more often while one does not, at most every 2 s. */
export class ServiceHealthMonitor {
  readonly #deps: ServiceHealthDeps;
  #services: readonly ServiceHealth[];
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #checking: Promise<readonly ServiceHealth[]> | undefined;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(deps: ServiceHealthDeps) {
    this.#deps = deps;
    this.#services = addressesOf(deps.stack).map(({ name }) => ({ name, state: 'unknown' }));
  }

  get services(): readonly ServiceHealth[] {
    return this.#services;
  }

  start(): void {
    void this.check();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** The state now, or as of at most two seconds ago. Never rejects. */
  async check(): Promise<readonly ServiceHealth[]> {
    if (this.#deps.clock.monotonicMs() - this.#checkedAtMs < freshMs) return this.#services;
    this.#checking ??= this.#checkAll().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #checkAll(): Promise<readonly ServiceHealth[]> {
    this.#cancel();
    const before = this.#services.map((service) => service.state).join();
    this.#services = await Promise.all(addressesOf(this.#deps.stack).map((address) => this.#checkOne(address)));
    this.#checkedAtMs = this.#deps.clock.monotonicMs();
    const waitMs = this.#services.every(({ state }) => state === 'ok') ? pollMs : pollDownMs;
    if (!this.#stopped) this.#cancel = this.#deps.timers.after(waitMs, () => void this.check());
    if (this.#services.map((service) => service.state).join() !== before) this.#deps.onChange();
    return this.#services;
  }

  async #checkOne({ name, url }: { name: string; url: string }): Promise<ServiceHealth> {
    const checkedAt = timestampOf(this.#deps.clock);
    try {
      const answer = await this.#deps.fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
      await answer.arrayBuffer();
      if (answer.ok) return { name, state: 'ok', checkedAt };
      return { name, state: 'degraded', message: `It answers, but with status ${answer.status}.`, checkedAt };
    } catch {
      return { name, state: 'down', message: 'It does not answer. Is the stack running?', checkedAt };
    }
  }
}

function addressesOf(stack: StackDescription): { name: string; url: string }[] {
  const services = Object.entries(stack.services).map(([name, base]) => ({
    name,
    url: `${new URL(base).origin}/healthz`,
  }));
  return [
    ...services,
    { name: 'identity', url: `${stack.issuer.replace(/\/$/, '')}/.well-known/openid-configuration` },
  ];
}
