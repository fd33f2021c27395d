import type { Grant } from '@steward/contracts';
import { narrowGrant, sealGrant } from '@steward/policy-engine';

/** What a grant is handed on for. */
export interface HandOn {
  /** Compact JWS of the bundle that the grant begins at. */
  readonly bundleJws: string;
  readonly grant: Grant;
  readonly taskId: string;
  /** The only tool that is left. */
  readonly toolName: string;
  readonly now: Date;
  /** How long it is good for, in milliseconds. */
  readonly validMs: number;
}

/**
 * A task's grant as it travels to a service of ours: the bundle and the sealed chain, with one more link that leaves a
 * single remote tool for a short time. Pure.
 */
export function handOn({ bundleJws, grant, taskId, toolName, now, validMs }: HandOn): string {
  const narrowed = narrowGrant(grant, {
    by: 'runtime',
    at: now.toISOString(),
    taskId,
    narrowing: {
      capabilities: ['BackendTool.Invoke'],
      toolNames: [toolName],
      expiresAt: new Date(now.getTime() + validMs).toISOString(),
    },
  });
  return `${bundleJws}~${sealGrant(narrowed, bundleJws)}`;
}
