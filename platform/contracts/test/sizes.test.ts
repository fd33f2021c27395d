import { describe, expect, it } from '@jest/globals';
import { schemas } from '../src/index.ts';
import * as documents from '../src/openapi.ts';

type Node = Readonly<Record<string, unknown>>;

/** A pattern that no long text can match: anchored, with no open-ended repetition. */
function isBoundedPattern(pattern: unknown): boolean {
  return typeof pattern === 'string' && /^\^.*\$$/.test(pattern) && !/(?<!\\)[*+]|\{\d+,\}/.test(pattern);
}

/** What a value of the schema could be without end. */
function endlessIn(node: Node): string[] {
  const { type } = node;
  const types = Array.isArray(type) ? type : [type];
  const isListed = node['enum'] !== undefined || node['const'] !== undefined;
  const has = (...names: string[]): boolean => names.some((name) => node[name] !== undefined);
  const found: string[] = [];
  if (types.includes('string') && !isListed && !has('maxLength') && !isBoundedPattern(node['pattern']))
    found.push('a string without maxLength');
  if (types.includes('array') && !has('maxItems')) found.push('an array without maxItems');
  const isNumber = types.includes('integer') || types.includes('number');
  if (isNumber && !isListed && !(has('minimum', 'exclusiveMinimum') && has('maximum', 'exclusiveMaximum')))
    found.push('a number without minimum and maximum');
  const isMap = node['additionalProperties'] !== undefined && node['additionalProperties'] !== false;
  if (types.includes('object') && isMap && !has('maxProperties')) found.push('a map without maxProperties');
  return found;
}

const notSchemas = new Set(['enum', 'const', 'default', 'example', 'examples', 'required', 'x-access']);

/** Every endless value below a node, each with its place. */
function endlessBelow(node: unknown, place: string, isNameMap = false): string[] {
  if (Array.isArray(node)) return node.flatMap((item, index) => endlessBelow(item, `${place}/${index}`));
  if (typeof node !== 'object' || node === null) return [];
  const isParameter = 'in' in node && 'name' in node;
  const own = isNameMap || isParameter ? [] : endlessIn(node as Node).map((what) => `${place}: ${what}`);
  const below = Object.entries(node).flatMap(([key, value]) =>
    !isNameMap && notSchemas.has(key) ? [] : endlessBelow(value, `${place}/${key}`, !isNameMap && key === 'properties'),
  );
  return [...own, ...below];
}

describe('sizes', () => {
  it('are bounded in every message', () => {
    expect(endlessBelow(schemas, 'schemas')).toEqual([]);
  });

  it.each(Object.entries(documents))('are bounded in %s: parameters, bodies and answers', (name, document) => {
    expect(endlessBelow(document, name)).toEqual([]);
  });

  it.each([
    [{ type: 'string' }, 'x: a string without maxLength'],
    [{ type: 'string', pattern: '^[a-z]+$' }, 'x: a string without maxLength'],
    [{ type: 'array', items: {} }, 'x: an array without maxItems'],
    [{ type: 'integer', minimum: 0 }, 'x: a number without minimum and maximum'],
    [{ type: 'object', additionalProperties: true }, 'x: a map without maxProperties'],
    [{ properties: { type: { type: ['string', 'null'] } } }, 'x/properties/type: a string without maxLength'],
  ])('would be missed in %j', (schema, message) => {
    expect(endlessBelow(schema, 'x')).toEqual([message]);
  });

  it('leave room for fields that nobody knows yet', () => {
    const schema = { type: 'object', properties: { a: { type: 'string', maxLength: 5 } } };

    expect(endlessBelow(schema, 'x')).toEqual([]);
  });
});
