import { systemClock } from '@steward/sdk';

/**
 * Loads every service's own code. Loaded late, so that a test can replace modules of the services before.
 */
export async function loadServices() {
  const [session, policy, workspace, approval, audit, telemetry, tools, keyRing, replays, versions] = await Promise.all(
    [
      import('../../../backend-session/src/app.ts'),
      import('../../../backend-policy/src/app.ts'),
      import('../../../backend-workspace/src/app.ts'),
      import('../../../backend-approval/src/app.ts'),
      import('../../../backend-observability/audit/src/app.ts'),
      import('../../../backend-observability/telemetry/src/app.ts'),
      import('../../../backend-tools/src/app.ts'),
      import('../../../backend-policy/src/keys/key-ring.ts'),
      import('../../../backend-policy/src/simulations/replay-recorded.ts'),
      import('../../../backend-session/src/compatibility/supported-versions.ts'),
    ],
  );
  return {
    session: session.createApp,
    policy: policy.createApp,
    workspace: workspace.createApp,
    approval: approval.createApp,
    audit: audit.createApp,
    telemetry: telemetry.createApp,
    tools: tools.createApp,
    openKeyRing: (file: string) => keyRing.KeyRing.open(file, systemClock),
    replayInline: replays.replayInline,
    supportedVersions: versions.supportedVersions,
  };
}

/** The services' own code. */
export type ServiceModules = Awaited<ReturnType<typeof loadServices>>;
