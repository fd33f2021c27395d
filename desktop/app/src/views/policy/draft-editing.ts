import type { ErrorBody, PolicyProblem, PolicyVersion } from '@steward/contracts';
import { errorBodyOf, HostCallError } from '../../host-client.ts';
import type { HostClient } from '../../host-client.ts';
import { fromText, toText } from './policy-content.ts';

/** A draft as it is being edited. */
export interface DraftState {
  readonly text: string;
  /** The draft as last stored or loaded. */
  readonly stored: PolicyVersion;
  readonly problems: readonly PolicyProblem[];
  readonly phase: 'checking' | 'unsaved' | 'saving' | 'saved' | 'failed';
  /** What somebody else stored meanwhile; nothing is saved until the person decides. */
  readonly theirs: PolicyVersion | null;
  readonly error: ErrorBody | null;
}

/** What editing needs from outside; the timer is injected so that tests decide when time passes. */
export interface DraftEditingDeps {
  readonly host: Pick<HostClient, 'call'>;
  /** Runs once after a delay in milliseconds unless the returned function is called before. */
  readonly after: (ms: number, run: () => void) => () => void;
}

const CHECK_AFTER_MS = 150;

/**
 * Lifetime of one draft on screen: every change is validated while typing and stored as soon as it has no problem.
 * Stores never overlap, and an overtaken validation is forgotten. A newer version by somebody else stops storing; both
 * texts are kept until the person takes one.
 */
export class DraftEditing {
  readonly #deps: DraftEditingDeps;
  readonly #listeners = new Set<() => void>();
  #state: DraftState;
  #turn = 0;
  #storing = false;
  #cancelCheck: () => void = () => undefined;

  constructor(stored: PolicyVersion, deps: DraftEditingDeps) {
    this.#deps = deps;
    this.#state = { text: toText(stored.content), stored, problems: [], phase: 'saved', theirs: null, error: null };
  }

  /** The state now; the same object until something changes. */
  readonly getState = (): DraftState => this.#state;

  /** Calls back after every change until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes over a new text, from the editor or the form. */
  write(text: string): void {
    if (text === this.#state.text) return;
    this.#set({ text, phase: 'checking', error: null });
    this.#cancelCheck();
    this.#cancelCheck = this.#deps.after(CHECK_AFTER_MS, () => void this.check());
  }

  /** Validates the text now and stores it when nothing is wrong with it. */
  async check(): Promise<void> {
    this.#cancelCheck();
    const turn = ++this.#turn;
    const { text } = this.#state;
    try {
      const { valid, problems } = await this.#deps.host.call('validatePolicy', { text });
      if (turn !== this.#turn) return;
      this.#set({ problems, phase: 'unsaved' });
      if (valid) await this.#store();
    } catch (error) {
      if (turn === this.#turn) this.#set({ phase: 'failed', error: errorBodyOf(error) });
    }
  }

  /** Gives up the own text for what somebody else stored. */
  takeTheirs(): void {
    const { theirs } = this.#state;
    if (theirs) this.#set({ text: toText(theirs.content), stored: theirs, theirs: null, problems: [], phase: 'saved' });
  }

  /** Stores the own text over what somebody else stored; it stays in the history of changes. */
  async keepMine(): Promise<void> {
    const { theirs } = this.#state;
    if (!theirs) return;
    this.#set({ stored: theirs, theirs: null });
    await this.check();
  }

  /** Stops; nothing is validated or stored after it. */
  dispose(): void {
    this.#turn += 1;
    this.#cancelCheck();
    this.#listeners.clear();
  }

  async #store(): Promise<void> {
    if (this.#storing || this.#state.theirs) return;
    const { text, stored } = this.#state;
    const content = fromText(text);
    if (content === null || toText(content) === toText(stored.content)) {
      this.#set({ phase: content === null ? 'unsaved' : 'saved' });
      return;
    }
    this.#storing = true;
    this.#set({ phase: 'saving' });
    try {
      const { version, revision } = stored;
      const saved = await this.#deps.host.call('updatePolicyDraft', { version, revision, content });
      this.#storing = false;
      this.#set({ stored: saved, ...(this.#state.text === text ? { phase: 'saved' } : {}) });
    } catch (error) {
      this.#storing = false;
      const theirs = currentOf(error);
      this.#set(theirs ? { theirs, phase: 'unsaved' } : { phase: 'failed', error: errorBodyOf(error) });
      return;
    }
    // Changes that were made while storing wait for their own check unless it has already passed by.
    if (this.#state.text !== text) await this.check();
  }

  #set(part: Partial<DraftState>): void {
    this.#state = { ...this.#state, ...part };
    for (const listener of this.#listeners) listener();
  }
}

function currentOf(error: unknown): PolicyVersion | null {
  if (!(error instanceof HostCallError) || error.body.code !== 'CONFLICT') return null;
  const current = (error.body.details as { current?: PolicyVersion } | undefined)?.current;
  return current?.status === 'draft' ? current : null;
}
