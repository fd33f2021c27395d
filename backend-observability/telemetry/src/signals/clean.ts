import type { Loose, OtlpAttribute } from './otlp.ts';

/**
 * What may pass: names and short words, numbers, booleans, ids. Everything is rebuilt from what is known to be free of
 * business content; a field that is not named here does not exist afterwards. Text written by people or models (log
 * bodies, exception messages, status messages, paths with spaces) never matches a word.
 */
const word = /^[A-Za-z0-9_.:-]{0,64}$/;
/** A word, or a method with a route: `GET /v1/sessions/{sessionId}`. */
const nameShape = /^[A-Za-z][A-Za-z0-9_.:-]{0,63}( \/[A-Za-z0-9_.{}/-]{0,99})?$/;
const maxList = 1000;

/** A function that rebuilds one kind of record, or says that it can't be taken. */
export type Cleaner = (value: unknown) => Loose | undefined;

/** Cleaned members of a list, at most 1,000. */
export function cleanList(value: unknown, clean: Cleaner): Loose[] {
  return asList(value).flatMap((item) => {
    const cleaned = clean(item);
    return cleaned === undefined ? [] : [cleaned];
  });
}

/** A resource or scope: attributes, and name and version of a scope. */
export const cleanOwner: Cleaner = (value) => {
  const { name, version, attributes } = asObject(value);
  return { ...pickWord('name', name), ...pickWord('version', version), attributes: cleanAttributes(attributes) };
};

/** A span with times, ids, kind, status code and clean attributes. */
export const cleanSpan: Cleaner = (value) => {
  const span = asObject(value);
  const ids = {
    ...pickHex('traceId', span['traceId'], 32),
    ...pickHex('spanId', span['spanId'], 16),
    ...pickHex('parentSpanId', span['parentSpanId'], 16),
  };
  if (!('traceId' in ids) || !('spanId' in ids)) return undefined;
  const { code } = asObject(span['status']);
  return {
    ...ids,
    name: cleanName(span['name']),
    ...pickNumbers(span, ['kind', 'startTimeUnixNano', 'endTimeUnixNano', 'flags']),
    attributes: cleanAttributes(span['attributes']),
    events: cleanList(span['events'], cleanSpanEvent),
    ...(isNumber(code) ? { status: { code } } : {}),
  };
};

/** A metric with its points. */
export const cleanMetric: Cleaner = (value) => {
  const metric = asObject(value);
  const data = (['sum', 'gauge', 'histogram'] as const).filter((kind) => typeof metric[kind] === 'object');
  if (data.length === 0) return undefined;
  return {
    name: cleanName(metric['name']),
    ...pickWord('unit', metric['unit']),
    ...Object.fromEntries(data.map((kind) => [kind, cleanPoints(asObject(metric[kind]))])),
  };
};

/** A log record without its body: severity, event name, trace and clean attributes. */
export const cleanLogRecord: Cleaner = (value) => {
  const record = asObject(value);
  return {
    ...pickNumbers(record, ['timeUnixNano', 'observedTimeUnixNano', 'severityNumber']),
    ...pickWord('severityText', record['severityText']),
    ...pickWord('eventName', record['eventName']),
    ...pickHex('traceId', record['traceId'], 32),
    ...pickHex('spanId', record['spanId'], 16),
    attributes: cleanAttributes(record['attributes']),
  };
};

const cleanSpanEvent: Cleaner = (value) => {
  const event = asObject(value);
  return {
    ...pickNumbers(event, ['timeUnixNano']),
    name: cleanName(event['name']),
    attributes: cleanAttributes(event['attributes']),
  };
};

function cleanPoints(data: Loose): Loose {
  const points = cleanList(data['dataPoints'], (value) => {
    const point = asObject(value);
    return {
      ...pickNumbers(point, ['startTimeUnixNano', 'timeUnixNano', 'asDouble', 'asInt', 'count', 'sum', 'min', 'max']),
      ...pickNumberLists(point, ['bucketCounts', 'explicitBounds']),
      attributes: cleanAttributes(point['attributes']),
    };
  });
  return {
    dataPoints: points,
    ...pickNumbers(data, ['aggregationTemporality']),
    ...(data['isMonotonic'] === true ? { isMonotonic: true } : {}),
  };
}

function cleanAttributes(value: unknown): OtlpAttribute[] {
  return asList(value)
    .slice(0, 64)
    .flatMap((item) => {
      const { key, value: attribute } = asObject(item);
      const clean = cleanValue(asObject(attribute));
      return typeof key === 'string' && word.test(key) && clean !== undefined ? [{ key, value: clean }] : [];
    });
}

function cleanValue(value: Loose): Loose | undefined {
  const { stringValue, intValue, doubleValue, boolValue } = value;
  if (typeof stringValue === 'string') return word.test(stringValue) ? { stringValue } : undefined;
  if (isNumber(intValue)) return { intValue };
  if (isNumber(doubleValue)) return { doubleValue };
  return typeof boolValue === 'boolean' ? { boolValue } : undefined;
}

function cleanName(value: unknown): string {
  return typeof value === 'string' && nameShape.test(value) ? value : 'unnamed';
}

function pickWord(key: string, value: unknown): Loose {
  return typeof value === 'string' && word.test(value) ? { [key]: value } : {};
}

function pickHex(key: string, value: unknown, length: number): Loose {
  return typeof value === 'string' && value.length === length && /^[0-9a-fA-F]+$/.test(value)
    ? { [key]: value.toLowerCase() }
    : {};
}

function pickNumbers(source: Loose, keys: readonly string[]): Loose {
  return Object.fromEntries(keys.filter((key) => isNumber(source[key])).map((key) => [key, source[key]]));
}

function pickNumberLists(source: Loose, keys: readonly string[]): Loose {
  const picked = keys.filter((key) => Array.isArray(source[key]) && (source[key] as unknown[]).every(isNumber));
  return Object.fromEntries(picked.map((key) => [key, source[key]]));
}

/** Numbers, and 64-bit integers, which OTLP JSON writes as decimal text. */
function isNumber(value: unknown): boolean {
  return (
    (typeof value === 'number' && Number.isFinite(value)) || (typeof value === 'string' && /^-?\d{1,20}$/.test(value))
  );
}

function asObject(value: unknown): Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, maxList) : [];
}
