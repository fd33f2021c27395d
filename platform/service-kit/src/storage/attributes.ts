import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** A row with all its attributes, as plain values. */
export type Item = Record<string, unknown>;

/** The same as the store has it: every value with its type. */
export type Attributes = Record<string, AttributeValue>;

/**
 * A row, a key or the values of an expression as the store takes them; what is undefined is left out. Texts, numbers,
 * booleans, null, bytes (`Uint8Array`), lists and plain objects of these are kept whatever their members are called.
 * Throws a TypeError for anything else, and for a number that would not come back as it was.
 */
export function attributesOf(item: Item): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(item))
    if (value !== undefined) setOwn(attributes, name, attributeOf(value, name));
  return attributes;
}

/** A row or a key as plain values. Throws a TypeError for a type that `attributesOf` never writes. */
export function itemOf(attributes: Attributes): Item {
  const item: Item = {};
  for (const [name, attribute] of Object.entries(attributes)) setOwn(item, name, valueOf(attribute, name));
  return item;
}

// What a value is must not be asked of its `constructor`: a member may be called that.
function attributeOf(value: unknown, name: string): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: numberText(value, name) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.filter(isGiven).map((part) => attributeOf(part, name)) };
  if (value instanceof Uint8Array) return { B: value };
  if (isPlainObject(value)) return { M: attributesOf(value) };
  throw new TypeError(`The store has no form for ${name}, which is neither JSON nor bytes.`);
}

function valueOf(attribute: AttributeValue, name: string): unknown {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.M !== undefined) return itemOf(attribute.M);
  if (attribute.L !== undefined) return attribute.L.map((part) => valueOf(part, name));
  if (attribute.NULL !== undefined) return null;
  if (attribute.B !== undefined) return attribute.B;
  throw new TypeError(`${name} has a type that no row is written with: ${Object.keys(attribute).join()}.`);
}

function numberText(value: number, name: string): string {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
  throw new TypeError(`The store would not give the number ${value} of ${name} back as it is; keep it as text.`);
}

function isGiven(value: unknown): boolean {
  return value !== undefined;
}

/** An object of any realm that is no instance of a class. */
function isPlainObject(value: unknown): value is Item {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function setOwn<T>(target: Record<string, T>, name: string, value: T): void {
  // An assignment would make the value what the object inherits from.
  if (name === '__proto__') Object.defineProperty(target, name, { value, enumerable: true, writable: true });
  else target[name] = value;
}
