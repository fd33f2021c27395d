/** The system's key store, where a shell offers it: what it seals, only this person on this machine can open. */
export interface Sealer {
  seal(text: string): Uint8Array;
  /** Throws for what was sealed by another key store, or before this one was reset. */
  open(sealed: Uint8Array): string;
}
