import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { marshall } from '@aws-sdk/util-dynamodb';
import { tables } from '@steward/contracts';
import fc from 'fast-check';
import { ScopedMap, absent, scanTenants, scopedTable, systemJobs, systemScope } from '../../src/index.ts';
import type { TenantScope } from '../../src/index.ts';
import { anonymous } from '../../src/request-context.ts';
import { tenantKey } from '../../src/storage/tenant-scope.ts';
import { startDynamo, testScope } from '../../src/test-support/index.ts';
import type { RunningDynamo } from '../../src/test-support/index.ts';

const acme = testScope('acme');
const globex = testScope('globex');
const source = join(dirname(fileURLToPath(import.meta.url)), '../../src');

describe('TenantScope', () => {
  it('can not be forged, neither by a look-alike nor by its own constructor', () => {
    const forged = [
      { tenantId: 'globex' },
      { ...acme, tenantId: 'globex' },
      Object.create(acme) as TenantScope,
      Object.create(Object.getPrototypeOf(acme) as object, { tenantId: { value: 'globex' } }) as TenantScope,
    ] as unknown as TenantScope[];
    const Constructor = acme.constructor as new (tenantId: string, key: symbol) => TenantScope;

    for (const scope of forged) expect(() => tenantKey(scope, 'x')).toThrow('granted');
    expect(() => new Constructor('globex', Symbol('grant'))).toThrow('authenticated caller');
  });

  it('of a caller of a public operation reaches nothing', () => {
    expect(() => tenantKey(anonymous.scope, 'x')).toThrow('no tenant');
  });

  it('gives two tenants no common key, whatever tenants and parts hold', () => {
    const text = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', '#', '%', '2', '3', '5') });
    const parts = fc.array(text, { maxLength: 3 });

    fc.assert(
      fc.property(text, text, parts, parts, (one, other, own, foreign) => {
        fc.pre(one !== other);
        expect(tenantKey(testScope(one), ...own)).not.toBe(tenantKey(testScope(other), ...foreign));
        expect(tenantKey(testScope(one), ...own).startsWith(tenantKey(testScope(other), '').slice(0, -1) + '#')).toBe(
          false,
        );
      }),
    );
  });

  it('is granted by three files of the kit and by the jobs’ own scope only', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const granting = files.filter((name) => /grantScope\(/.test(readFileSync(join(source, name), 'utf8')));

    expect(granting.map((name) => relative(source, join(source, name))).sort()).toEqual([
      'identity/caller.ts',
      'request-context.ts',
      'storage/system-scope.ts',
      'storage/tenant-scope.ts',
      'test-support/test-scope.ts',
    ]);
  });
});

describe('the tables of the contracts', () => {
  it('have keys that begin with the tenant, but for the indexes that a job is listed for', () => {
    const keys = tables.tables.flatMap(({ name, hashKey, gsis }) => [
      { name, hashKey },
      ...gsis.map((gsi) => ({ name: `${name}.${gsi.name}`, hashKey: gsi.hashKey })),
    ]);
    const listed = Object.values(systemJobs).flatMap(({ indexes }): readonly string[] => indexes);

    expect(keys.filter(({ hashKey }) => !/^tenant[A-Z]/.test(hashKey)).map(({ name }) => name)).toEqual(listed);
  });
});

describe('SystemScope', () => {
  it('lets a job read what it is listed for, and change one tenant at a time', () => {
    const purge = systemScope('workspace-purge');

    expect(() => purge.assertMayRead('scans', 'workspaces')).not.toThrow();
    expect(() => purge.assertMayRead('scans', 'sessions')).toThrow('may not read sessions');
    expect(() => purge.assertMayRead('indexes', 'artifacts.bySession')).toThrow('may not read');
    expect(() => purge.forTenant('')).toThrow('needs the tenant');
    expect(tenantKey(purge.forTenant('acme'), 'x')).toBe('acme#x');
  });

  it('reads no table that the job is not listed for', async () => {
    const deps = { client: {} as never, env: 'none' };
    const reading = scanTenants(deps, 'sessions', systemScope('workspace-purge'), { condition: '', values: {} });

    await expect(reading.next()).rejects.toThrow('may not read sessions');
  });
});

describe('ScopedMap', () => {
  it('keeps tenants apart under one id, and refuses a row of another', () => {
    const rows = new ScopedMap<{ tenantId: string; n: number }>();
    rows.set(acme, { tenantId: 'acme', n: 1 }, 'x');
    rows.set(globex, { tenantId: 'globex', n: 2 }, 'x');

    expect(rows.get(acme, 'x')).toEqual({ tenantId: 'acme', n: 1 });
    expect(rows.values(globex)).toEqual([{ tenantId: 'globex', n: 2 }]);
    expect(() => rows.set(acme, { tenantId: 'globex', n: 3 }, 'x')).toThrow('another tenant');
  });
});

describe('ScopedTable', () => {
  let dynamo: RunningDynamo;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.close());

  const row = (tenantId: string, taskId: string, changes: object = {}) => ({
    tenantId,
    taskId,
    createdAt: '2026-02-21T15:00:00.000Z',
    ...changes,
  });
  const tasks = (scope: TenantScope) => scopedTable(dynamo, 'tasks', scope);
  const store = async (scope: TenantScope, sessionId: string, taskId: string): Promise<void> => {
    const table = tasks(scope);
    await table.run(table.put(row(scope.tenantId, taskId), [sessionId], { byTask: [taskId] }, { condition: absent }));
  };

  it('gives a row back without the attributes that only keys need, to its tenant only', async () => {
    await store(acme, 's1', 't1');

    expect(await tasks(acme).get({ id: ['s1'], sort: 't1' })).toEqual(row('acme', 't1'));
    expect(await tasks(globex).get({ id: ['s1'], sort: 't1' })).toBeUndefined();
    expect(await tasks(globex).getMany([{ id: ['s1'], sort: 't1' }])).toEqual([]);
    const listed = await tasks(globex).queryPage({ index: 'byTask', id: ['t1'] }, {});
    expect(listed).toEqual({ items: [] });
  });

  it('gives JSON back whatever its members are called', async () => {
    const said: unknown = JSON.parse('{"constructor":{"name":"Set"},"__proto__":{"S":"x"},"toString":[{"L":null}]}');
    const table = tasks(acme);

    await table.run(table.put(row('acme', 't1', { said }), ['s0']));

    expect(JSON.stringify(await table.get({ id: ['s0'], sort: 't1' }))).toContain('"__proto__":{"S":"x"}');
    expect(await table.get({ id: ['s0'], sort: 't1' })).toEqual(row('acme', 't1', { said }));
  });

  it('refuses to write a row of another tenant, to move one, or to mix tenants in a transaction', async () => {
    const theirs = tasks(globex).put(row('globex', 't9'), ['s9']);

    expect(() => tasks(acme).put(row('globex', 't2'), ['s2'])).toThrow('another tenant');
    expect(() => tasks(acme).update({ id: ['s1'], sort: 't1' }, 'SET tenantId = :x', {})).toThrow('never changes');
    expect(() =>
      tasks(acme).update({ id: ['s1'], sort: 't1' }, 'SET #t = :x', { names: { '#t': 'tenantTask' } }),
    ).toThrow('never changes');
    await expect(tasks(acme).runTogether([theirs])).rejects.toThrow('given to another');
    expect(await tasks(globex).get({ id: ['s9'], sort: 't9' })).toBeUndefined();
  });

  it('reads a cursor of another tenant as a place of its own list', async () => {
    for (const n of [1, 2, 3]) await store(acme, 's3', `c${n}`);
    await store(globex, 's3', 'c2');
    const { nextCursor = '' } = await tasks(acme).queryPage({ id: ['s3'] }, { limit: 1 });

    const page = await tasks(globex).queryPage({ id: ['s3'] }, { cursor: nextCursor });

    expect(Buffer.from(nextCursor, 'base64url').toString()).not.toContain('acme');
    expect(page.items.map(({ tenantId, taskId }) => [tenantId, taskId])).toEqual([['globex', 'c2']]);
  });

  it('refuses a cursor that was never given out', async () => {
    const cursor = Buffer.from('{"id":"x"}').toString('base64url');

    await expect(tasks(acme).queryPage({ index: 'byTask', id: ['t1'] }, { cursor })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
  });

  it('fails when the store gives a row of another tenant', async () => {
    const client = { send: async () => ({ Item: marshall(row('globex', 't1')) }) } as never;

    await expect(scopedTable({ client, env: 'x' }, 'tasks', acme).get({ id: ['s1'], sort: 't1' })).rejects.toThrow(
      'another tenant',
    );
  });
});
