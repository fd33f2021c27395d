import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StewardError } from '@steward/sdk';
import { Blocks } from '../journal/blocks.ts';
import type { HostDeps } from './session-deps.ts';
import type { SessionStore } from './session-store.ts';

const inMemoryBytes = 1024 * 1024;

/** The thread as the Workspace Service keeps it (SessionHistory), as JSON text in pieces. Reads as it goes. */
function* historyText(store: SessionStore, taskId: string): Generator<string> {
  const { title, facts, tasks } = store.state;
  const head = {
    schemaVersion: 1,
    sessionId: store.sessionId,
    workspaceId: facts?.workspaceId ?? '',
    snapshotAfterTaskId: taskId,
    ...(title === undefined ? {} : { title: title.text }),
    tasks: [...tasks].map(([id, task]) => ({ taskId: id, ...task })),
  };
  yield `${JSON.stringify(head).slice(0, -1)},"messages":[`;
  let between = '';
  for (const message of store.messagesFrom()) {
    yield `${between}${JSON.stringify(store.shown(message))}`;
    between = ',';
  }
  yield ']}';
}

/**
 * Replaces the session's history in the Workspace Service by the present thread. A long one goes by way of a file.
 * @param scratch path that this call may write to and removes
 */
export async function uploadHistory(
  { backend, newId }: Pick<HostDeps, 'backend' | 'newId'>,
  store: SessionStore,
  taskId: string,
  scratch: string,
): Promise<void> {
  const { title, facts } = store.state;
  const artifact = {
    artifactId: newId('art'),
    sessionId: store.sessionId,
    taskId,
    artifactType: 'session_history',
    name: 'history.json',
    ...(title === undefined ? {} : { title: title.text }),
    contentType: 'application/json',
    snapshotAfterTaskId: taskId,
  };
  const source = gathered(historyText(store, taskId), scratch);
  try {
    await backend.uploadArtifact(facts?.workspaceId ?? '', artifact, source);
  } finally {
    if (source.kind === 'file') rmSync(source.path, { force: true });
  }
}

type Gathered =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly path: string; readonly sizeBytes: number };

/** Text in memory while it is short, in a private file from then on. */
function gathered(text: Iterable<string>, path: string): Gathered {
  let short: Buffer | undefined;
  let sizeBytes = 0;
  let fd: number | undefined;
  const write = (data: Buffer): void => {
    fd ??= openScratch(path);
    for (let done = 0; done < data.length;) done += writeSync(fd, data, done);
  };
  const blocks = new Blocks((data) => {
    sizeBytes += data.length;
    // The first block may be all there is.
    if (fd === undefined && short === undefined) {
      short = Buffer.from(data);
      return;
    }
    if (fd === undefined && short !== undefined) write(short);
    write(data);
  }, inMemoryBytes);
  try {
    for (const piece of text) blocks.add(Buffer.byteLength(piece), (place) => void place.write(piece));
    blocks.end();
    if (fd === undefined) return { kind: 'bytes', bytes: short ?? Buffer.alloc(0) };
    return { kind: 'file', path, sizeBytes };
  } catch (error) {
    rmSync(path, { force: true });
    if (error instanceof StewardError) throw error;
    throw new StewardError('INTERNAL_ERROR', `The history could not be written to ${path} to be sent.`, {
      retryable: true,
      cause: error,
    });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function openScratch(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  return openSync(path, 'wx', 0o600);
}
