/**
 * The channels between preload and main. Adding one: name it here, check sender and arguments where it is registered
 * (`ipc.ts`), and send it from `preload-bridge.ts` only.
 */
export const channels = {
  /** Renderer → main: one call of the bridge, `(name, params)`; answered by a HostReply. */
  call: 'steward:call',
  /** Main → renderer: one HostEvent. */
  event: 'steward:event',
} as const;
