import type { ClientInfo } from '@steward/contracts';

/**
 * What is stored of a client's description of itself: the members that the contract knows. Newer clients may send more,
 * of any shape, and nothing of that has a bound that a store could count on.
 */
export function knownClientInfo(info: ClientInfo): ClientInfo {
  const { desktopAppVersion, localAgentHostVersion, osFamily, osVersion, protocolVersion, bundleSchemaVersion } = info;
  return {
    desktopAppVersion,
    localAgentHostVersion,
    osFamily,
    ...(osVersion === undefined ? {} : { osVersion }),
    ...(protocolVersion === undefined ? {} : { protocolVersion }),
    ...(bundleSchemaVersion === undefined ? {} : { bundleSchemaVersion }),
  };
}
