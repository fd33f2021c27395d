import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { DecisionGroup } from './decision-group.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** One row of the store holds at most 400 kB. */
const bytesPerPart = 300_000;
/** Far beyond what one hour's decisions are allowed to be when they are packed. */
const mostBytes = 512 * 1024 * 1024;

/** Groups as compressed text, in parts that each fit into a row; at least one part. */
export async function packGroups(groups: readonly DecisionGroup[]): Promise<Uint8Array[]> {
  const rows = groups.map(({ count, eventId, timestamp, userId, sessionId = null, content }) => [
    count,
    eventId,
    timestamp,
    userId,
    sessionId,
    content,
  ]);
  const packed = await compress(JSON.stringify(rows));
  const parts: Uint8Array[] = [];
  for (let start = 0; start === 0 || start < packed.length; start += bytesPerPart)
    parts.push(packed.subarray(start, start + bytesPerPart));
  return parts;
}

/** Reads the groups back. Rejects when the parts are not those of a pack. */
export async function unpackGroups(parts: readonly Uint8Array[]): Promise<DecisionGroup[]> {
  const text = (await decompress(Buffer.concat(parts), { maxOutputLength: mostBytes })).toString('utf8');
  const rows = JSON.parse(text) as [number, string, string, string, string | null, string][];
  return rows.map(([count, eventId, timestamp, userId, sessionId, content]) => ({
    count,
    eventId,
    timestamp,
    userId,
    ...(sessionId === null ? {} : { sessionId }),
    content,
  }));
}
