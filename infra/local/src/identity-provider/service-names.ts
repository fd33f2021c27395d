/** The services of the stack, as they appear in audiences (`urn:steward:service:<name>`) and client ids. */
export const SERVICE_NAMES = ['session', 'policy', 'workspace', 'approval', 'audit', 'telemetry', 'tools'] as const;

/** Name of one service. */
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Audience of access tokens that people present to any service. */
export const PEOPLE_AUDIENCE = 'urn:steward:api';

/** Client id of the desktop, a public native client. */
export const DESKTOP_CLIENT_ID = 'steward-desktop';

/** Audience of access tokens that services present to the named service. */
export function serviceAudience(name: ServiceName): string {
  return `urn:steward:service:${name}`;
}

/** Client id of the named service, a confidential client. */
export function serviceClientId(name: ServiceName): string {
  return `${name}-service`;
}
