import { describe, expect, it } from '@jest/globals';
import { errorCodes, methods, roles } from '../src/index.ts';
import * as documents from '../src/openapi.ts';

interface Operation {
  readonly operationId: string;
  readonly 'x-access': { readonly public?: true; readonly roles?: readonly string[] };
  readonly responses: Readonly<Record<string, unknown>>;
}

const operations = Object.entries(documents).flatMap(([service, document]) =>
  Object.values(document.paths).flatMap((item) =>
    Object.entries(item as Record<string, unknown>)
      .filter(([verb]) => ['get', 'put', 'post', 'patch', 'delete'].includes(verb))
      .map(([, operation]) => ({ service, operation: operation as Operation })),
  ),
);

describe('contracts', () => {
  it('say of every HTTP operation who may call it, by roles that exist', () => {
    for (const { operation } of operations) {
      const access = operation['x-access'];
      if (access.public === true) continue;
      expect(access.roles?.length).toBeGreaterThan(0);
      expect(Object.keys(roles)).toEqual(expect.arrayContaining([...(access.roles ?? [])]));
    }
    expect(operations.length).toBeGreaterThan(30);
  });

  it('have no role that may call nothing', () => {
    const named = new Set(operations.flatMap(({ operation }) => operation['x-access'].roles ?? []));

    expect(Object.keys(roles).filter((role) => !named.has(role))).toEqual([]);
  });

  it('name each operation once per service and document its refusals', () => {
    for (const service of Object.keys(documents)) {
      const ids = operations.filter((entry) => entry.service === service).map(({ operation }) => operation.operationId);
      expect(new Set(ids).size).toBe(ids.length);
    }
    for (const { operation } of operations) {
      const needed =
        operation['x-access'].public === true ? ['400', '429', '500'] : ['400', '401', '403', '429', '500'];
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(needed));
    }
  });

  it('give each error code one JSON-RPC number of its own, outside the reserved ones', () => {
    const numbers = Object.values(errorCodes).map(({ rpcCode }) => rpcCode);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number > -32100 && number <= -32000).toBe(true);
  });

  it('name only error codes that exist in the method table', () => {
    for (const { errors } of Object.values(methods.requests)) {
      for (const code of errors) expect(Object.keys(errorCodes)).toContain(code);
    }
  });
});
