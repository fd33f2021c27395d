import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as documents from '@steward/contracts/openapi';
import { operationsOf } from '../../src/openapi/document.ts';

describe('the schemas of every service', () => {
  it.each(Object.entries(documents))('of %s are valid schemas, since no process looks again', (_name, document) => {
    const ajv = new Ajv2020({ strict: false });
    const operations = operationsOf(document);
    const schemas = [
      ...Object.values(document.components.schemas ?? {}),
      ...operations.flatMap(({ parameters, bodySchema, responses }) => [
        ...parameters.map(({ schema }) => schema ?? {}),
        ...(bodySchema === undefined ? [] : [bodySchema]),
        ...[...responses.values()].flatMap((schema) => schema ?? []),
      ]),
    ] as object[];

    const wrong = schemas.filter((schema) => ajv.validateSchema(schema) !== true);

    expect(schemas.length).toBeGreaterThan(operations.length);
    expect(wrong).toEqual([]);
  });

  it('would be told apart from wrong ones', () => {
    const ajv = new Ajv2020({ strict: false, logger: false });

    expect(ajv.validateSchema({ type: 'strin', maxLength: -1 })).toBe(false);
  });
});
