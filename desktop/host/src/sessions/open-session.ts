import { platform, release } from 'node:os';
import type { CapabilityName, ClientInfo, CreateSessionParams } from '@steward/contracts';
import { schemas } from '@steward/contracts';

/** Facts of this machine and its parts for the session handshake. */
export function clientInfoOf(appVersion: string, runtimeVersion: string): ClientInfo {
  const families: Partial<Record<NodeJS.Platform, ClientInfo['osFamily']>> = { darwin: 'macOS', win32: 'Windows' };
  return {
    desktopAppVersion: appVersion,
    localAgentHostVersion: runtimeVersion,
    osFamily: families[platform()] ?? 'Linux',
    osVersion: release().slice(0, 100),
    protocolVersion: 1,
    bundleSchemaVersion: 1,
  };
}

/** What the runtime is told to create a session with; no folder means a general chat. */
export function createSessionParams(options: {
  readonly clientInfo: ClientInfo;
  readonly projectDir: string | null;
  readonly continueFromSessionId: string | undefined;
  readonly continueAtMessageId?: string | undefined;
  /** null without a folder. */
  readonly folderTrusted: boolean | null;
  /** The same for every try. */
  readonly idempotencyKey: string;
}): CreateSessionParams {
  return {
    executionEnvironment: 'desktop',
    idempotencyKey: options.idempotencyKey,
    clientInfo: options.clientInfo,
    supportedCapabilities: capabilityNames(),
    ...(options.folderTrusted === null ? {} : { folderTrusted: options.folderTrusted }),
    workspaceHint: { localPaths: options.projectDir === null ? [] : [options.projectDir] },
    ...(options.continueFromSessionId === undefined ? {} : { continueFromSessionId: options.continueFromSessionId }),
    ...(options.continueAtMessageId === undefined ? {} : { continueAtMessageId: options.continueAtMessageId }),
  };
}

function capabilityNames(): CapabilityName[] {
  const schema = schemas['CapabilityName'] as { enum: CapabilityName[] };
  return [...schema.enum];
}
