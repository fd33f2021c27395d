import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

/** A row with all its attributes, as plain values. */
export type Item = Record<string, unknown>;

/** The same as the store has it: every value with its type. */
export type Attributes = Record<string, AttributeValue>;

const options = { removeUndefinedValues: true };

/** A row, a key or the values of an expression as the store takes them; what is undefined is left out. */
export function attributesOf(item: Item): Attributes {
  return marshall(item, options);
}

/** A row or a key as plain values. */
export function itemOf(attributes: Attributes): Item {
  return unmarshall(attributes);
}
