import { StewardError } from '@steward/sdk';

/** Bounds of everything that leaves the machine in one session. */
export interface EgressLimits {
  /** Requests and connections within any minute. */
  readonly requestsPerMinute: number;
  /** Bytes that may leave in the session. */
  readonly sentBytes: number;
  /** Bytes that may come back in the session. */
  readonly receivedBytes: number;
}

const minuteMs = 60_000;

/** Counts what one session sends and receives, by whichever way; refuses what is above the limits. */
export class EgressBudget {
  readonly #limits: EgressLimits;
  readonly #nowMs: () => number;
  #recent: number[] = [];
  #sent = 0;
  #received = 0;

  constructor(limits: EgressLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /** Counts one request. Throws CAPABILITY_DENIED when there were too many, or too many bytes. */
  begin(): void {
    const now = this.#nowMs();
    this.#recent = this.#recent.filter((at) => now - at < minuteMs);
    if (this.#recent.length >= this.#limits.requestsPerMinute)
      throw over(`more than ${this.#limits.requestsPerMinute} requests were made within a minute`, 'Wait a minute.');
    if (this.#sent >= this.#limits.sentBytes || this.#received >= this.#limits.receivedBytes) throw this.#spent();
    this.#recent.push(now);
  }

  /** Counts bytes before they leave. Throws CAPABILITY_DENIED when they would be too many; then none may leave. */
  send(bytes: number): void {
    if (this.#sent + bytes > this.#limits.sentBytes) throw this.#spent();
    this.#sent += bytes;
  }

  /** Counts bytes that came back. Throws CAPABILITY_DENIED once they are too many. */
  receive(bytes: number): void {
    this.#received += bytes;
    if (this.#received > this.#limits.receivedBytes) throw this.#spent();
  }

  #spent(): StewardError {
    const { sentBytes, receivedBytes } = this.#limits;
    return over(
      `this conversation may send ${sentBytes} and receive ${receivedBytes} bytes, and that is used up`,
      'Start a new conversation.',
    );
  }
}

function over(why: string, remedy: string): StewardError {
  return new StewardError('CAPABILITY_DENIED', `Nothing more leaves this machine: ${why}. ${remedy}`, {
    details: { reasonCodes: ['EGRESS_LIMIT_REACHED'] },
  });
}
