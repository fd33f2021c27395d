import type { TenantScope } from '@steward/service-kit';
import type { Hour } from './hours.ts';

/** The first part of the keys of packs in a table, which no stream and no reference by id has. */
export const packedPartition = 'packed';

/** The decisions of one hour in one piece, which can be made anew from the events at any time. */
export interface Pack {
  readonly hour: Hour;
  /** When the reading of its events began. */
  readonly readAt: string;
  /** Its text in parts. */
  readonly parts: readonly Uint8Array[];
}

/** Hours of one UTC day, such as `2026-02-21`, by their numbers from 0 to 23; both are included. */
export interface HourSpan {
  readonly day: string;
  readonly first: number;
  readonly last: number;
}

/** What is kept of some hours. */
export interface PackedHours {
  readonly packs: ReadonlyMap<Hour, Pack>;
  /** When it was last told that something is about to be stored late in an hour. */
  readonly lateAt: ReadonlyMap<Hour, string>;
}

/**
 * Where packs are kept. Every call is one tenant's. A pack is no proof of anything: what happened stands in the events.
 */
export interface PackRepository {
  /** What is kept of some hours. A pack that is not there whole is left out. */
  readHours(scope: TenantScope, span: HourSpan): Promise<PackedHours>;
  /** Keeps a pack instead of the hour's earlier one. */
  put(scope: TenantScope, pack: Pack): Promise<void>;
  /** Notes that an event of the hour is about to be stored, from now on. */
  markLate(scope: TenantScope, hour: Hour, at: string): Promise<void>;
}
