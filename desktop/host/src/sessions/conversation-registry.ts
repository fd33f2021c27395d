import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isId } from '@steward/sdk';
import { JsonFile } from '../files/json-file.ts';

/** What is kept of an open conversation, so that it can be offered again after a restart. */
export interface ConversationRecord {
  readonly sessionId: string;
  readonly workspaceId: string;
  readonly userId: string;
  readonly tenantId: string;
  readonly title: string;
  readonly projectDir: string | null;
  readonly model: string;
  readonly demoModel: boolean;
  readonly startedAt: string;
  readonly continuedFrom: string | null;
  /** In a fork: the last message that was taken over. */
  readonly continuedAt?: string;
  /** Set when the person has closed it, but its session could not be completed yet. */
  readonly closing?: true;
}

/** The conversations that are open on this machine, whoever opened them; a conversation leaves when it is closed. */
export interface ConversationRegistry {
  list(): readonly ConversationRecord[];
  /** Adds the record or replaces the one of the same session; resolves when it is on disk. */
  put(record: ConversationRecord): Promise<void>;
  remove(sessionId: string): Promise<void>;
  settled(): Promise<void>;
}

/** Keeps the registry in one JSON file; a damaged one is set aside and the registry starts empty. */
export async function openConversationRegistry(
  path: string,
  onDamaged: (keptAs: string) => void,
): Promise<ConversationRegistry> {
  const file = await JsonFile.open<readonly ConversationRecord[]>({ path, read: readRecords, fallback: [], onDamaged });
  const without = (sessionId: string): ConversationRecord[] =>
    file.value.filter((record) => record.sessionId !== sessionId);
  return {
    list: () => file.value,
    put: (record) => file.replace([...without(record.sessionId), record]),
    remove: (sessionId) => file.replace(without(sessionId)),
    settled: () => file.settled(),
  };
}

/** True when the runtime left a journal of this session, so that it can be resumed. */
export async function hasJournal(home: string, sessionId: string): Promise<boolean> {
  return stat(join(home, 'runtime', 'sessions', sessionId)).then(
    () => true,
    () => false,
  );
}

function readRecords(content: unknown): readonly ConversationRecord[] | undefined {
  if (!Array.isArray(content)) return undefined;
  return content.every(isRecord) ? content : undefined;
}

function isRecord(value: unknown): value is ConversationRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  const texts = ['userId', 'tenantId', 'title', 'model', 'startedAt'];
  return (
    isId('sess', record['sessionId']) &&
    isId('ws', record['workspaceId']) &&
    texts.every((name) => typeof record[name] === 'string') &&
    (record['projectDir'] === null || typeof record['projectDir'] === 'string') &&
    typeof record['demoModel'] === 'boolean'
  );
}
