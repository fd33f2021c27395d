/** What the policy allows at the moment of the effect; asked again on every open file and connected socket. */
export interface ToolWalls {
  /** Whether the policy lets the capability touch this real path. */
  checkPath(capability: 'File.Read' | 'File.Write' | 'File.Delete', realPath: string): boolean;
  /** Whether a connection to this host may reach this resolved address. */
  allowAddress(host: string, port: number, ip: string): boolean;
  /** Judges a whole URL again after a redirect; without it the address check is the only one. */
  checkUrl?(url: string): boolean;
  /** Folders that stay readable inside the OS sandbox although they lie under something hidden. */
  readonly readRoots: readonly string[];
  /** Folders that commands may write to. */
  readonly writeRoots: readonly string[];
  /** Whether commands get a network at all. */
  readonly network: boolean;
  /** Largest file that may be read or written. */
  readonly maxFileSizeBytes?: number;
  /** Most output that goes back to the model. */
  readonly maxOutputBytes?: number;
}
