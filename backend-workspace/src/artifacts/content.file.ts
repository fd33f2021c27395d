import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Dirent } from 'node:fs';
import { access, constants, link, mkdir, open, readdir, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { isId, StewardError } from '@steward/sdk';
import type { SystemScope, TenantScope } from '@steward/service-kit';
import { CheckedContent, measure, otherContent } from './content-check.ts';
import { tenantOfPart, tenantPart } from './content.ts';
import type { ByteRange, ContentExpectation, ContentFacts, ContentKey, ContentOwner, ContentStore } from './content.ts';

const unfinished = '.part';

/**
 * Contents as files `{folder}/{tenant}/{workspaceId}/{artifactId}`, readable by this account only. Order of a write: temporary
 * name, flush, link to the final name (which fails when it exists), flush of the folder, temporary name removed.
 */
export class FileContentStore implements ContentStore {
  readonly #folder: string;

  /** @param deps.folder absolute; made when missing */
  constructor(deps: { readonly folder: string }) {
    this.#folder = deps.folder;
  }

  async put(
    scope: TenantScope,
    key: ContentKey,
    source: AsyncIterable<Uint8Array>,
    expected: ContentExpectation,
  ): Promise<ContentFacts> {
    const target = this.#pathOf(scope, key);
    const folder = this.#workspaceFolder(scope, key.workspaceId);
    if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await this.#flushAbove(folder);
    const temporary = `${target}.${randomUUID()}${unfinished}`;
    try {
      const facts = await writeFlushed(temporary, new CheckedContent(source, expected));
      if (!(await linkNew(temporary, target)) && (await measure(createReadStream(target))).sha256 !== facts.sha256) {
        throw otherContent(key);
      }
      await flushFolder(folder);
      return facts;
    } catch (error) {
      throw isMissing(error) ? removedMeanwhile(key, error) : error;
    } finally {
      await unlink(temporary).catch(ignoreMissing);
    }
  }

  async open(scope: TenantScope, key: ContentKey, range?: ByteRange): Promise<Readable | undefined> {
    try {
      const file = await open(this.#pathOf(scope, key), 'r');
      return file.createReadStream(range === undefined ? {} : { start: range.start, end: range.end });
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async remove(scope: TenantScope, key: ContentKey): Promise<void> {
    await unlink(this.#pathOf(scope, key)).catch(ignoreMissing);
    await flushFolder(this.#workspaceFolder(scope, key.workspaceId)).catch(ignoreMissing);
  }

  async *list(scope: TenantScope, workspaceId: string): AsyncIterable<ContentKey> {
    for (const { name } of await entriesOf(this.#workspaceFolder(scope, workspaceId))) {
      yield { workspaceId, artifactId: name.split('.')[0] ?? name };
    }
  }

  async removeAll(scope: TenantScope, workspaceId: string): Promise<void> {
    try {
      await rm(this.#workspaceFolder(scope, workspaceId), { recursive: true, force: true });
    } catch (error) {
      // An upload put something there at this moment; whoever lists next sees it.
      if (errorCode(error) !== 'ENOTEMPTY') throw error;
    }
    await flushFolder(dirname(this.#workspaceFolder(scope, workspaceId))).catch(ignoreMissing);
  }

  async *listWorkspaces(jobs: SystemScope): AsyncIterable<ContentOwner> {
    jobs.assertMayRead('scans', 'contents');
    for (const tenant of await entriesOf(this.#folder)) {
      const tenantId = tenant.isDirectory() ? tenantOfPart(tenant.name) : undefined;
      if (tenantId === undefined) continue;
      for (const entry of await entriesOf(join(this.#folder, tenant.name))) {
        if (entry.isDirectory() && isId('ws', entry.name)) yield { tenantId, workspaceId: entry.name };
      }
    }
  }

  async ping(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await access(this.#folder, constants.R_OK | constants.W_OK);
  }

  /** Makes a new workspace's folder, and its tenant's, durable. */
  async #flushAbove(folder: string): Promise<void> {
    await flushFolder(dirname(folder));
    await flushFolder(this.#folder);
  }

  #workspaceFolder({ tenantId }: TenantScope, workspaceId: string): string {
    if (!isId('ws', workspaceId)) throw notAnId('workspaceId');
    if (tenantId === '') throw notAnId('tenantId');
    return join(this.#folder, tenantPart(tenantId), workspaceId);
  }

  #pathOf(scope: TenantScope, key: ContentKey): string {
    if (!isId('art', key.artifactId)) throw notAnId('artifactId');
    return join(this.#workspaceFolder(scope, key.workspaceId), key.artifactId);
  }
}

async function writeFlushed(path: string, content: CheckedContent): Promise<ContentFacts> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const piece of content) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
  return content.facts;
}

async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function flushFolder(path: string): Promise<void> {
  // Windows can't open folders; its file system journals names itself.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function errorCode(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}

function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}

function removedMeanwhile(key: ContentKey, cause: unknown): StewardError {
  return new StewardError(
    'NOT_FOUND',
    `Workspace ${key.workspaceId} was deleted while content arrived, so nothing was kept.`,
    { cause },
  );
}

function notAnId(field: string): StewardError {
  return new StewardError('INVALID_REQUEST', `${field} is not an id of this product, so it names no content.`, {
    details: { field },
  });
}
