import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import type { SystemScope, TenantScope } from '@steward/service-kit';
import { CheckedContent, measure, otherContent } from './content-check.ts';
import { tenantOfPart, tenantPart } from './content.ts';
import type { ByteRange, ContentExpectation, ContentFacts, ContentKey, ContentOwner, ContentStore } from './content.ts';

/**
 * A client that sends plain bodies: the SDK's own default adds a checksum trailer that emulators keep as content.
 * @param endpoint another S3 than Amazon's, addressed by path
 */
export function createS3Client(options: { readonly endpoint?: string } = {}): S3Client {
  return new S3Client({
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, forcePathStyle: true }),
  });
}

/** Contents as objects `{tenant}/{workspaceId}/{artifactId}` of one bucket; bytes stream through, none are buffered whole. */
export class S3ContentStore implements ContentStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(deps: { readonly client: S3Client; readonly bucket: string }) {
    this.#client = deps.client;
    this.#bucket = deps.bucket;
  }

  async put(
    scope: TenantScope,
    key: ContentKey,
    source: AsyncIterable<Uint8Array>,
    expected: ContentExpectation,
  ): Promise<ContentFacts> {
    const checked = new CheckedContent(source, expected);
    if (await this.#exists(scope, key)) {
      const sent = await measure(checked);
      if ((await this.#measureKept(scope, key))?.sha256 !== sent.sha256) throw otherContent(key);
      return sent;
    }
    const abort = new AbortController();
    const refusal: { error?: unknown } = {};
    const body = Readable.from(stopOnError(checked, refusal, abort));
    // The refusal is thrown below; without a listener the stream's own report of it would end the process.
    body.on('error', () => {});
    try {
      await this.#client.send(
        new PutObjectCommand({
          ...this.#at(scope, key),
          Body: body,
          ContentLength: expected.sizeBytes,
          IfNoneMatch: '*',
        }),
        { abortSignal: abort.signal },
      );
    } catch (error) {
      if (refusal.error !== undefined) throw refusal.error;
      if (statusOf(error) !== 412) throw error;
      // Somebody else was quicker: fine when they sent the same bytes.
      const kept = await this.#measureKept(scope, key);
      if (kept === undefined || kept.sha256 !== expected.sha256) throw otherContent(key);
      return kept;
    } finally {
      body.destroy();
    }
    return checked.facts;
  }

  async open(scope: TenantScope, key: ContentKey, range?: ByteRange): Promise<Readable | undefined> {
    const Range = range && `bytes=${range.start}-${range.end}`;
    try {
      const { Body } = await this.#client.send(
        new GetObjectCommand({ ...this.#at(scope, key), ...(Range && { Range }) }),
      );
      return Body as Readable | undefined;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async remove(scope: TenantScope, key: ContentKey): Promise<void> {
    await this.#client.send(new DeleteObjectCommand(this.#at(scope, key)));
  }

  async *list(scope: TenantScope, workspaceId: string): AsyncIterable<ContentKey> {
    const prefix = `${tenantPart(scope.tenantId)}/${workspaceId}/`;
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix, ...(token && { ContinuationToken: token }) }),
      );
      for (const { Key } of page.Contents ?? []) {
        if (Key !== undefined) yield { workspaceId, artifactId: Key.slice(prefix.length) };
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async removeAll(scope: TenantScope, workspaceId: string): Promise<void> {
    let batch: { Key: string }[] = [];
    for await (const key of this.list(scope, workspaceId)) {
      batch.push({ Key: nameOf(scope, key) });
      if (batch.length === 1000) {
        await this.#removeBatch(batch);
        batch = [];
      }
    }
    if (batch.length > 0) await this.#removeBatch(batch);
  }

  async *listWorkspaces(jobs: SystemScope): AsyncIterable<ContentOwner> {
    jobs.assertMayRead('scans', 'contents');
    for await (const tenant of this.#folders('')) {
      const tenantId = tenantOfPart(tenant);
      if (tenantId === undefined) continue;
      for await (const workspaceId of this.#folders(`${tenant}/`)) yield { tenantId, workspaceId };
    }
  }

  async ping(): Promise<void> {
    await this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket }));
  }

  async *#folders(prefix: string): AsyncIterable<string> {
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          Delimiter: '/',
          ...(token && { ContinuationToken: token }),
        }),
      );
      for (const { Prefix } of page.CommonPrefixes ?? []) {
        if (Prefix !== undefined) yield Prefix.slice(prefix.length, -1);
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async #exists(scope: TenantScope, key: ContentKey): Promise<boolean> {
    try {
      await this.#client.send(new HeadObjectCommand(this.#at(scope, key)));
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  async #measureKept(scope: TenantScope, key: ContentKey): Promise<ContentFacts | undefined> {
    const kept = await this.open(scope, key);
    return kept && measure(kept);
  }

  async #removeBatch(objects: { Key: string }[]): Promise<void> {
    const { Errors } = await this.#client.send(
      new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects: objects, Quiet: true } }),
    );
    if (Errors?.length)
      throw new Error(`${Errors.length} objects could not be removed, first ${Errors[0]?.Code ?? 'unknown'}.`);
  }

  #at(scope: TenantScope, key: ContentKey): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: nameOf(scope, key) };
  }
}

async function* stopOnError(
  source: AsyncIterable<Uint8Array>,
  refusal: { error?: unknown },
  abort: AbortController,
): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    refusal.error = error;
    abort.abort();
    throw error;
  }
}

function nameOf({ tenantId }: TenantScope, key: ContentKey): string {
  return `${tenantPart(tenantId)}/${key.workspaceId}/${key.artifactId}`;
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
}
