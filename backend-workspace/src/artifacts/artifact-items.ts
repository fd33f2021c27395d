import type { ArtifactRecord, SessionEntry } from './artifact.ts';

/** Sort key of the item that holds a session's entry, beside the artifacts of the same workspace. */
export function sessionItemId(sessionId: string): string {
  return `session#${sessionId}`;
}

/** Partitions of the clean-up index, so that it is not one hot key: ids end in one of 32 characters. */
export const cleanupShards: readonly string[] = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];

/**
 * The item of an artifact with the attributes that only indexes read. The clean-up index spans tenants: its key says
 * nothing but the shard, and only the purge may read it.
 */
export function artifactItem(record: ArtifactRecord): Record<string, unknown> {
  return {
    ...record,
    ...(isListed(record) && { typeCreatedAt: typeCreatedAt(record) }),
    ...(record.cleanupAt !== undefined && { cleanupShard: record.workspaceId.slice(-1) }),
  };
}

/** The order of the artifacts of one session: by type, then by time. */
export function typeCreatedAt({ artifactType, createdAt, artifactId }: ArtifactRecord): string {
  return `${artifactType}#${createdAt}#${artifactId}`;
}

/** Where an artifact stands in the index by session; discarded ones stand nowhere. */
export function artifactIndexes(record: ArtifactRecord): Record<string, readonly string[]> {
  return isListed(record) ? { bySession: [record.workspaceId, record.sessionId] } : {};
}

function isListed({ status }: ArtifactRecord): boolean {
  return status !== 'discarded';
}

/** Reads an artifact back; undefined when the item is none. */
export function artifactOf(item: Record<string, unknown> | undefined): ArtifactRecord | undefined {
  if (item === undefined || item['artifactType'] === undefined) return undefined;
  const { typeCreatedAt: _type, ...record } = item;
  return record as unknown as ArtifactRecord;
}

/** The item of a session's entry; `historyId` holds the artifact's id, since `artifactId` is the sort key. */
export function sessionItem(entry: SessionEntry): Record<string, unknown> {
  return { ...entry, artifactId: sessionItemId(entry.sessionId), historyId: entry.artifactId };
}

/** Reads a session's entry back. */
export function sessionOf(item: Record<string, unknown> | undefined): SessionEntry | undefined {
  if (item === undefined || item['historyId'] === undefined) return undefined;
  const { historyId, ...rest } = item;
  return { ...rest, artifactId: historyId } as unknown as SessionEntry;
}
