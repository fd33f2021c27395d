import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { schemas } from '../src/index.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../examples');
const ajv = new Ajv2020({ strict: false });
(formats as unknown as (ajv: Ajv2020) => void)(ajv);
ajv.addSchema({ $id: 'steward', components: { schemas } });

function isValid(file: string, kind: 'valid' | 'invalid'): boolean {
  const value: unknown = JSON.parse(readFileSync(join(folder, kind, file), 'utf8'));
  return ajv.validate({ $ref: `steward#/components/schemas/${file.split('.')[0]}` }, value) as boolean;
}

describe('examples of the contracts', () => {
  it.each(readdirSync(join(folder, 'valid')))('%s is valid', (file) => {
    expect(isValid(file, 'valid')).toBe(true);
  });

  it.each(readdirSync(join(folder, 'invalid')))('%s is refused', (file) => {
    expect(isValid(file, 'invalid')).toBe(false);
  });
});
