import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { MatrixReport } from './run-matrix.ts';
import type { World } from './world.ts';

/*
 * The services' own questions "is it yours" are replaced by yes: what then keeps tenants apart is that every key
 * begins with the caller's tenant.
 */
const yes = (): boolean => true;
jest.unstable_mockModule('../../../backend-workspace/src/owner.ts', () => ({
  isOwnedBy: yes,
  ownerOf: ({ tenantId, userId }: { tenantId: string; userId: string }) => ({ tenantId, userId }),
}));
jest.unstable_mockModule('../../../backend-observability/audit/src/events/visibility.ts', () => ({
  maySee: yes,
  mayFollow: yes,
  seesWholeTenant: yes,
}));
jest.unstable_mockModule('../../../backend-approval/src/approvals/rules.ts', () => ({
  maySee: yes,
  assertMayDecide: () => undefined,
  assertSameAction: () => undefined,
  assertStillOpen: () => undefined,
  assertPlausible: () => undefined,
}));

describe('the same matrix with the services’ own checks taken out', () => {
  let world: World;
  let report: MatrixReport;

  beforeAll(async () => {
    const { createWorld } = await import('./world.ts');
    const { loadServices } = await import('./modules.ts');
    const { memoryStores, withoutOwnerQuestions } = await import('./stores.ts');
    const { runMatrix, summaryOf } = await import('./run-matrix.ts');
    world = await createWorld(await loadServices(), withoutOwnerQuestions(memoryStores()));
    report = await runMatrix(world, process.env['MATRIX'] === 'whole' ? {} : { undeclaredShare: 0.1 });
    process.stderr.write(`${summaryOf('Role matrix without owner checks', report)}\n`);
  }, 600_000);

  afterAll(() => world.close());

  it('still gives nobody a byte of another tenant', () => {
    expect(report.requests).toBeGreaterThanOrEqual(10_000);
    expect(report.leaks).toEqual([]);
  });

  it('really has no check left: strangers of the same tenant see what is not theirs', () => {
    const opened = ['getSession', 'getWorkspace', 'getArtifact', 'getArtifactContent', 'getApproval'];
    const alsoOpened = ['getEvent', 'streamWorkspace'];

    expect([...opened, ...alsoOpened].filter((id) => !report.seenByStranger.has(id))).toEqual([]);
  });
});
