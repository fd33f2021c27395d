import type { Conversation, HostSnapshot, ServiceHealth } from '../contract/bridge.ts';

/** The frame's badge: what state the work is in, and why, in one line. */
export function runtimeBadge(
  conversations: readonly Conversation[],
  services: readonly ServiceHealth[],
): HostSnapshot['runtime'] {
  const crashed = conversations.filter((conversation) => conversation.runtime === 'crashed').length;
  const down = services.filter((service) => service.state === 'down').map((service) => service.name);
  const running = conversations.filter((conversation) => conversation.runtime === 'running').length;
  if (crashed > 0) {
    return {
      state: 'degraded',
      message: `${crashed} of ${conversations.length} conversations ended unexpectedly. Resume or close them.`,
    };
  }
  if (down.length > 0)
    return { state: 'degraded', message: `Not reachable: ${down.join(', ')}. Work that needs them waits.` };
  if (running === 0) return { state: 'stopped', message: 'No conversation is running.' };
  return {
    state: 'running',
    message: running === 1 ? 'One conversation is running.' : `${running} conversations are running.`,
  };
}
