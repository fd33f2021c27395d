/** Bounds of one session's tools; sizes in bytes. */
export interface Limits {
  /** Output that goes back to the model. */
  readonly outputBytes: number;
  /** Output above this is also kept whole as an artifact. */
  readonly artifactThresholdBytes: number;
  /** Output of a command that is kept on disk; the rest is counted only. */
  readonly spoolBytes: number;
  /** Output that is passed on while a command runs. */
  readonly liveOutputBytes: number;
  /** Largest file that is read or edited when the policy names no other size. */
  readonly fileBytes: number;
  /** Largest response body that is read. */
  readonly responseBytes: number;
  /** Files and folders that one listing or search visits. */
  readonly visitedEntries: number;
  /** Lines that a search or listing returns. */
  readonly resultLines: number;
  /** Files above this are not searched. */
  readonly searchedFileBytes: number;
  /** Pause between asking a process to end and killing it. */
  readonly killGraceMs: number;
  /** Processes and threads of one command at one time. */
  readonly commandProcesses: number;
  /** Memory of one command with everything that it starts. */
  readonly commandMemoryBytes: number;
  /** Largest file that a command may write. */
  readonly commandFileBytes: number;
  /** Size of each temporary folder of a command; they live in memory. */
  readonly temporaryBytes: number;
  /** Space that a command has to leave free on the disk. */
  readonly diskReserveBytes: number;
  /** Requests and connections of a session within any minute. */
  readonly egressRequestsPerMinute: number;
  /** Bytes that a session may send. */
  readonly egressSentBytes: number;
  /** Bytes that a session may receive. */
  readonly egressReceivedBytes: number;
}

/** The bounds that hold unless the composition root narrows them. */
export const defaultLimits: Limits = Object.freeze({
  outputBytes: 30_000,
  artifactThresholdBytes: 10_000,
  spoolBytes: 256 * 1024 * 1024,
  liveOutputBytes: 256 * 1024,
  fileBytes: 10 * 1024 * 1024,
  responseBytes: 10 * 1024 * 1024,
  visitedEntries: 200_000,
  resultLines: 1_000,
  searchedFileBytes: 5 * 1024 * 1024,
  killGraceMs: 2_000,
  commandProcesses: 1_024,
  commandMemoryBytes: 8 * 1024 * 1024 * 1024,
  commandFileBytes: 8 * 1024 * 1024 * 1024,
  temporaryBytes: 1024 * 1024 * 1024,
  diskReserveBytes: 512 * 1024 * 1024,
  egressRequestsPerMinute: 600,
  egressSentBytes: 256 * 1024 * 1024,
  egressReceivedBytes: 4 * 1024 * 1024 * 1024,
});
