/** Keys of the rows beside the versions. Numbers have ten digits, so that keys sort as numbers do. */
export const recordKeys = {
  change: (seq: number): string => `c${padded(seq)}`,
  /** A change that the Audit Service does not have yet. */
  unaudited: (seq: number): string => `o${padded(seq)}`,
  revocation: (seq: number): string => `r${padded(seq)}`,
  disabledUser: (userId: string): string => `du#${userId}`,
  revokedSession: (sessionId: string): string => `ds#${sessionId}`,
  /** What a keyed request changed, by the id of its change. */
  effect: (changeId: string): string => `e#${changeId}`,
  simulation: (simulationId: string): string => simulationId,
} as const;

/** What the keys of one kind begin with. */
export const recordPrefixes = { change: 'c', unaudited: 'o', revocation: 'r', simulation: 'sim_' } as const;

function padded(seq: number): string {
  return String(seq).padStart(10, '0');
}
