import { StewardError, digestOf, timestampOf } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import type { Attempt, TenantScope } from '@steward/service-kit';
import type { WorkspaceRepository } from '../workspaces/repository.ts';
import { unknownWorkspace } from '../workspaces/service.ts';
import type { ArtifactRecord } from './artifact.ts';
import type { ContentFacts, ContentStore } from './content.ts';
import { measure, otherContent } from './content-check.ts';
import { decodeInline } from './inline-content.ts';
import type { ArtifactRepository } from './repository.ts';

/** What an artifact is created from; without `content` it stays pending until its content is sent. */
export interface ArtifactInput {
  readonly artifactId?: string;
  readonly sessionId: string;
  readonly taskId?: string;
  readonly stepId?: string;
  readonly artifactType: ArtifactRecord['artifactType'];
  readonly name: string;
  readonly title?: string;
  readonly contentType: string;
  readonly content?: string;
  readonly contentEncoding?: 'utf8' | 'base64';
  readonly sizeBytes?: number;
  readonly sha256?: string;
  readonly snapshotAfterTaskId?: string;
}

/** What uploads need. */
export interface UploadDeps {
  readonly workspaces: WorkspaceRepository;
  readonly artifacts: ArtifactRepository;
  readonly content: ContentStore;
  readonly clock: Clock;
}

/** Largest streamed content in bytes. */
export const maxStreamedBytes = 1024 * 1024 * 1024;

const hourMs = 60 * 60 * 1000;

/**
 * Brings content into a workspace whose owner was checked before. Order: reserve, content, commit. What stops in
 * between stays pending, can be sent again under the same id, and is swept away after an hour (inline) or a day.
 */
export class ArtifactUploads {
  readonly #deps: UploadDeps;

  constructor(deps: UploadDeps) {
    this.#deps = deps;
  }

  /**
   * Idempotent by `artifactId`, which follows from the attempt when it is not given: the same request again answers the
   * same artifact, another one is CONFLICT.
   */
  async create(
    scope: TenantScope,
    workspaceId: string,
    input: ArtifactInput,
    attempt: Pick<Attempt, 'newId'>,
  ): Promise<ArtifactRecord> {
    checkInput(input);
    const { content, contentEncoding, ...facts } = input;
    const bytes = content === undefined ? undefined : decodeInline(content, contentEncoding ?? 'utf8');
    const measured = bytes && (await measure(piecesOf(bytes)));
    if (measured !== undefined) checkAnnounced(input, measured);
    const reserved = await this.#reserve(scope, workspaceId, facts, measured, attempt);
    if (bytes === undefined || measured === undefined || reserved.status === 'stored') return reserved;
    await this.#deps.content.put(scope, reserved, piecesOf(bytes), measured);
    return this.#commit(scope, reserved, measured);
  }

  /**
   * Stores the streamed content of a pending artifact once it is all there and as announced. The same bytes again
   * are accepted, others are CONFLICT. @param declaredBytes the request's Content-Length, where it has one
   */
  async receive(
    scope: TenantScope,
    record: ArtifactRecord,
    source: AsyncIterable<Uint8Array>,
    declaredBytes: number | undefined,
  ): Promise<ArtifactRecord> {
    if (record.status === 'stored') {
      const sent = await measure(limited(source));
      if (sent.sha256 === record.sha256) return record;
      throw otherContent(record);
    }
    const sizeBytes = record.sizeAnnounced ? record.sizeBytes : declaredBytes;
    if (sizeBytes === undefined) {
      throw new StewardError(
        'INVALID_REQUEST',
        'The size of the content is unknown. Send Content-Length, or announce sizeBytes when creating the artifact.',
        {
          details: { field: 'sizeBytes' },
        },
      );
    }
    const expected = { sizeBytes, ...(record.sha256 === undefined ? {} : { sha256: record.sha256 }) };
    const facts = await this.#deps.content.put(scope, record, source, expected);
    return this.#commit(scope, record, facts);
  }

  async #reserve(
    scope: TenantScope,
    workspaceId: string,
    facts: Omit<ArtifactInput, 'content' | 'contentEncoding'>,
    measured: ContentFacts | undefined,
    attempt: Pick<Attempt, 'newId'>,
  ): Promise<ArtifactRecord> {
    const { clock, artifacts } = this.#deps;
    const at = timestampOf(clock);
    const { artifactId = attempt.newId('art'), ...rest } = facts;
    const record: ArtifactRecord = {
      ...rest,
      ...measured,
      tenantId: scope.tenantId,
      artifactId,
      workspaceId,
      sizeBytes: measured?.sizeBytes ?? facts.sizeBytes ?? 0,
      sizeAnnounced: measured !== undefined || facts.sizeBytes !== undefined,
      status: 'pending',
      requestDigest: digestOf({ ...facts, ...measured, inline: measured !== undefined }),
      createdAt: at,
      updatedAt: at,
      cleanupAt: new Date(clock.now().getTime() + (measured === undefined ? 24 : 1) * hourMs).toISOString(),
    };
    await this.#refuseReplaced(scope, record);
    const reservation = await artifacts.reserve(scope, record);
    if (reservation.outcome === 'reserved') return record;
    if (reservation.outcome === 'gone') throw unknownWorkspace(workspaceId);
    if (reservation.artifact.status === 'discarded') throw replacedMeanwhile(artifactId);
    if (reservation.artifact.requestDigest === record.requestDigest) return reservation.artifact;
    throw new StewardError(
      'CONFLICT',
      `Artifact ${artifactId} exists with other facts. Create a new artifact with a new id.`,
      {
        details: { artifactId },
      },
    );
  }

  async #refuseReplaced(scope: TenantScope, record: ArtifactRecord): Promise<void> {
    if (record.artifactType !== 'session_history') return;
    const session = await this.#deps.artifacts.findSession(scope, record.workspaceId, record.sessionId);
    if (session?.replacedArtifactIds.includes(record.artifactId)) throw replacedMeanwhile(record.artifactId);
  }

  async #commit(scope: TenantScope, record: ArtifactRecord, facts: ContentFacts): Promise<ArtifactRecord> {
    const { artifacts, content, clock } = this.#deps;
    const { workspaceId, artifactId } = record;
    const commitment = await artifacts.commit(scope, workspaceId, artifactId, facts, timestampOf(clock));
    if (commitment.outcome === 'gone') {
      await this.#clearAfterDeletion(scope, record);
      throw unknownWorkspace(workspaceId);
    }
    if (commitment.replaced !== undefined) {
      await content.remove(scope, commitment.replaced);
      await artifacts.discard(scope, workspaceId, commitment.replaced.artifactId);
    }
    return commitment.artifact;
  }

  /** The workspace was deleted while the content arrived: what this upload wrote after that goes too. */
  async #clearAfterDeletion(scope: TenantScope, record: ArtifactRecord): Promise<void> {
    const { workspaces, artifacts, content } = this.#deps;
    const known = await artifacts.find(scope, record.workspaceId, record.artifactId);
    if (known === undefined || known.status === 'discarded') await content.remove(scope, record);
    if ((await workspaces.find(scope, record.workspaceId)) === undefined)
      await content.removeAll(scope, record.workspaceId);
  }
}

function checkInput(input: ArtifactInput): void {
  if (input.artifactType === 'session_history' && input.snapshotAfterTaskId === undefined) {
    throw new StewardError(
      'INVALID_REQUEST',
      'A session_history needs snapshotAfterTaskId, the task after which it was taken.',
      {
        details: { field: 'snapshotAfterTaskId' },
      },
    );
  }
}

function checkAnnounced(input: ArtifactInput, measured: ContentFacts): void {
  const wrong =
    input.sizeBytes !== undefined && input.sizeBytes !== measured.sizeBytes
      ? 'sizeBytes'
      : input.sha256 !== undefined && input.sha256 !== measured.sha256
        ? 'sha256'
        : undefined;
  if (wrong === undefined) return;
  throw new StewardError(
    'INVALID_REQUEST',
    `The content does not have the announced ${wrong}, so nothing was kept. Send it again, whole.`,
    {
      details: { field: wrong },
    },
  );
}

function replacedMeanwhile(artifactId: string): StewardError {
  return new StewardError(
    'CONFLICT',
    `Artifact ${artifactId} was replaced by a newer one. Create a new artifact with a new id.`,
    {
      details: { artifactId, reasonCodes: ['artifact_replaced'] },
    },
  );
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}

async function* limited(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const piece of source) {
    sizeBytes += piece.byteLength;
    if (sizeBytes > maxStreamedBytes) {
      throw new StewardError('FILE_TOO_LARGE', `Content has more than ${maxStreamedBytes} bytes. Split it.`, {
        details: { limitBytes: maxStreamedBytes },
      });
    }
    yield piece;
  }
}
