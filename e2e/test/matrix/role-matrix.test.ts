import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDynamo } from '@steward/service-kit/test-support';
import type { RunningDynamo } from '@steward/service-kit/test-support';
import { loadServices } from './modules.ts';
import { leaksIn, runMatrix, summaryOf } from './run-matrix.ts';
import type { MatrixOptions, MatrixReport } from './run-matrix.ts';
import { canaryOf } from './seeds.ts';
import { dynamoStores, memoryStores } from './stores.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

/** Reads that show what their tenant has seeded to somebody entitled. */
const reads = [
  'listSessions',
  'getSession',
  'listPolicies',
  'getPolicy',
  'listPolicyChanges',
  'listRevocations',
  'streamRevocations',
  'getKillSwitch',
  'listWorkspaces',
  'getWorkspace',
  'listWorkspaceSessions',
  'listArtifacts',
  'getArtifact',
  'getArtifactContent',
  'listApprovals',
  'getApproval',
  'queryEvents',
  'getEvent',
  'streamWorkspace',
  'listIncidents',
  'getIncident',
];

const wholeRun = process.env['MATRIX'] === 'whole';
/** What the engine answers in a few seconds. */
const part = { undeclaredShare: 0.01, declaredShare: 0.1 };
let dynamo: RunningDynamo;
const worlds: World[] = [];

beforeAll(async () => {
  dynamo = await startDynamo();
});

afterAll(async () => {
  for (const world of worlds) await world.close();
  await dynamo.close();
});

async function run(
  stores: Parameters<typeof createWorld>[1],
  options: MatrixOptions,
  name: string,
): Promise<MatrixReport> {
  const world = await createWorld(await loadServices(), stores);
  worlds.push(world);
  const report = await runMatrix(world, options);
  process.stderr.write(`${summaryOf(name, report)}\n`);
  return report;
}

describe('every route, verb, role and tenant', () => {
  it('answers as its access says, in the documented shape, without a byte of another tenant', async () => {
    const report = await run(memoryStores(), wholeRun ? {} : { undeclaredShare: 0.1 }, 'Role matrix');

    expect(report.leaks).toEqual([]);
    expect(report.wrongStatus.slice(0, 20)).toEqual([]);
    expect(report.wrongBody.slice(0, 20)).toEqual([]);
    expect(report.requests).toBeGreaterThanOrEqual(10_000);
    expect(reads.filter((operationId) => !report.canarySeen.has(operationId))).toEqual([]);
  }, 600_000);

  it('does so on the database engine', async () => {
    const report = await run(dynamoStores(dynamo), wholeRun ? {} : part, 'Role matrix on DynamoDB');

    expect(report.leaks).toEqual([]);
    expect(report.wrongStatus.slice(0, 20)).toEqual([]);
    expect(report.wrongBody.slice(0, 20)).toEqual([]);
  }, 600_000);
});

describe('leaksIn', () => {
  const answer = (body: string, headers = ''): { body: string; headers: string } => ({ body, headers });
  const canary = canaryOf('acme');

  it('sees the canary of another tenant in bodies, headers and Base64 at every offset', () => {
    const hidden = ['', 'x', 'xy'].map((before) => Buffer.from(`${before}${canary} and more`).toString('base64'));
    const found = [
      answer(`{"title":"${canary}"}`),
      answer('', `ETag\n${canary}`),
      ...hidden.map((text) => answer(text)),
    ];

    expect(found.map((one) => leaksIn(one, 'globex'))).toEqual(found.map(() => ['acme']));
    expect(leaksIn(answer(canary), undefined)).toEqual(['acme']);
  });

  it('lets a tenant see its own', () => {
    expect(leaksIn(answer(canary), 'acme')).toEqual([]);
  });
});
