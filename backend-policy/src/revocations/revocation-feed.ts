import type { Revocation } from '@steward/contracts';
import type { Caller, TenantScope } from '@steward/service-kit';
import type { PolicyRevoking } from '../policies/revoking.ts';

/** What the feed is made of. */
export interface RevocationFeedDeps {
  readonly policies: Pick<PolicyRevoking, 'revocations'>;
  /** How often it looks for what other instances stored; 500 unless given. */
  readonly pollMs?: number;
  /** How long it stays silent at most; 15000 unless given. */
  readonly heartbeatMs?: number;
}

const pageSize = 200;

interface Watch {
  readonly wakers: Set<() => void>;
  readonly timer: NodeJS.Timeout;
  seen: number;
}

/**
 * Each tenant's revocation stream: what is there, then what comes, each entry once and in order. Changes of this
 * process wake readers at once, those of other instances are found by one look per tenant and interval, however many
 * readers there are.
 */
export class RevocationFeed {
  readonly #deps: RevocationFeedDeps;
  readonly #watches = new Map<string, Watch>();

  constructor(deps: RevocationFeedDeps) {
    this.#deps = deps;
  }

  /** Wakes every reader of the tenant. */
  wake({ tenantId }: TenantScope): void {
    for (const waker of [...(this.#watches.get(tenantId)?.wakers ?? [])]) waker();
  }

  /** Entries from a number on until the signal aborts; `heartbeat` stands for a pause without entries. */
  async *follow(scope: TenantScope, fromSeq: number, signal: AbortSignal): AsyncGenerator<Revocation | 'heartbeat'> {
    const { policies } = this.#deps;
    let next = fromSeq;
    while (!signal.aborted) {
      // Waiting begins before reading: what is added in between wakes it.
      const waiting = this.#wait(scope, signal);
      let idle = false;
      try {
        const { items } = await policies.revocations(scope, next, pageSize);
        for (const item of items) {
          if (signal.aborted) return;
          yield item;
          next = item.seq + 1;
        }
        if (items.length < pageSize) idle = (await waiting.woken) === 'idle';
      } finally {
        waiting.stop();
      }
      if (idle && !signal.aborted) yield 'heartbeat';
    }
  }

  #wait(scope: TenantScope, signal: AbortSignal): { woken: Promise<'woken' | 'idle'>; stop: () => void } {
    const watch = this.#watchOf(scope);
    let end = (_how: 'woken' | 'idle'): void => undefined;
    const wake = (): void => end('woken');
    const woken = new Promise<'woken' | 'idle'>((resolve) => {
      const timer = setTimeout(() => end('idle'), this.#deps.heartbeatMs ?? 15_000);
      end = (how) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        watch.wakers.delete(wake);
        if (watch.wakers.size === 0 && this.#watches.get(scope.tenantId) === watch) {
          clearInterval(watch.timer);
          this.#watches.delete(scope.tenantId);
        }
        resolve(how);
      };
      signal.addEventListener('abort', wake);
      watch.wakers.add(wake);
      if (signal.aborted) wake();
    });
    return { woken, stop: wake };
  }

  #watchOf(scope: TenantScope): Watch {
    const known = this.#watches.get(scope.tenantId);
    if (known !== undefined) return known;
    const timer = setInterval(() => void this.#look(scope, watch), this.#deps.pollMs ?? 500);
    timer.unref();
    const watch: Watch = { wakers: new Set(), timer, seen: -1 };
    this.#watches.set(scope.tenantId, watch);
    return watch;
  }

  async #look(scope: TenantScope, watch: Watch): Promise<void> {
    try {
      const { lastSeq } = await this.#deps.policies.revocations(scope, Number.MAX_SAFE_INTEGER, 1);
      if (lastSeq > watch.seen) this.wake(scope);
      watch.seen = lastSeq;
    } catch {
      // A store that can't be reached is met by every reader's own next read; here it is looked at again.
    }
  }
}

/** What a caller may see of an entry: of other people only that something happened, so that numbers stay gapless. */
export function visibleTo(caller: Pick<Caller, 'userId' | 'roles' | 'isService'>, entry: Revocation): Revocation {
  const isPrivileged = caller.isService || caller.roles.includes('admin') || caller.roles.includes('auditor');
  if (isPrivileged || entry.userId === undefined || entry.userId === caller.userId) return entry;
  const { userId: _userId, ...rest } = entry;
  return { ...rest, reason: '' };
}
