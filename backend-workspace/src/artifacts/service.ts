import type { Readable } from 'node:stream';
import { StewardError } from '@steward/sdk';
import type { Attempt, Page, PageRequest } from '@steward/service-kit';
import type { Requester } from '../owner.ts';
import type { WorkspaceService } from '../workspaces/service.ts';
import type { ArtifactRecord } from './artifact.ts';
import { readRange } from './byte-range.ts';
import type { ByteRange, ContentStore } from './content.ts';
import type { ArtifactFilter, ArtifactRepository } from './repository.ts';
import type { ArtifactInput, ArtifactUploads } from './uploads.ts';

/** Content as it is asked for: all of it, a part, or a part that does not exist. */
export type ContentReading =
  | { readonly kind: 'whole'; readonly artifact: ArtifactRecord; readonly bytes: Readable }
  | { readonly kind: 'part'; readonly artifact: ArtifactRecord; readonly range: ByteRange; readonly bytes: Readable }
  | { readonly kind: 'unsatisfiable'; readonly artifact: ArtifactRecord };

/** What the artifact rules need. */
export interface ArtifactServiceDeps {
  readonly workspaces: Pick<WorkspaceService, 'get'>;
  readonly artifacts: ArtifactRepository;
  readonly content: ContentStore;
  readonly uploads: ArtifactUploads;
}

/** Artifacts of the owner's workspaces: every call first makes sure that the workspace is the owner's. */
export class ArtifactService {
  readonly #deps: ArtifactServiceDeps;

  constructor(deps: ArtifactServiceDeps) {
    this.#deps = deps;
  }

  /** Stores inline content, or reserves a place for streamed content. */
  async create(
    owner: Requester,
    workspaceId: string,
    input: ArtifactInput,
    attempt: Pick<Attempt, 'newId'>,
  ): Promise<ArtifactRecord> {
    await this.#deps.workspaces.get(owner, workspaceId);
    return this.#deps.uploads.create(owner.scope, workspaceId, input, attempt);
  }

  /** Stores streamed content of a pending artifact. */
  async putContent(
    owner: Requester,
    workspaceId: string,
    artifactId: string,
    source: AsyncIterable<Uint8Array>,
    declaredBytes: number | undefined,
  ): Promise<ArtifactRecord> {
    const record = await this.get(owner, workspaceId, artifactId);
    return this.#deps.uploads.receive(owner.scope, record, source, declaredBytes);
  }

  /** Throws NOT_FOUND unless it exists in the owner's workspace. */
  async get(owner: Requester, workspaceId: string, artifactId: string): Promise<ArtifactRecord> {
    await this.#deps.workspaces.get(owner, workspaceId);
    const record = await this.#deps.artifacts.find(owner.scope, workspaceId, artifactId);
    if (record === undefined || record.status === 'discarded') throw unknownArtifact(artifactId);
    return record;
  }

  /** Artifacts of the owner's workspace, newest first. */
  async list(
    owner: Requester,
    workspaceId: string,
    query: PageRequest & ArtifactFilter,
  ): Promise<Page<ArtifactRecord>> {
    await this.#deps.workspaces.get(owner, workspaceId);
    return this.#deps.artifacts.list(owner.scope, workspaceId, query, query);
  }

  /** Opens stored content. @param rangeHeader as the client sent it */
  async read(
    owner: Requester,
    workspaceId: string,
    artifactId: string,
    rangeHeader: string | undefined,
  ): Promise<ContentReading> {
    const artifact = await this.get(owner, workspaceId, artifactId);
    if (artifact.status !== 'stored') {
      throw new StewardError(
        'NOT_FOUND',
        `Artifact ${artifactId} has no content yet. Send it to its upload address first.`,
        {
          details: { artifactId },
        },
      );
    }
    const range = readRange(rangeHeader, artifact.sizeBytes);
    if (range === 'unsatisfiable') return { kind: 'unsatisfiable', artifact };
    const bytes = await this.#deps.content.open(owner.scope, artifact, range === 'whole' ? undefined : range);
    // A history that was replaced, or a workspace that was deleted, at this very moment.
    if (bytes === undefined) throw unknownArtifact(artifactId);
    return range === 'whole' ? { kind: 'whole', artifact, bytes } : { kind: 'part', artifact, range, bytes };
  }
}

function unknownArtifact(artifactId: string): StewardError {
  return new StewardError('NOT_FOUND', `Artifact ${artifactId} does not exist in this workspace. Check the id.`, {
    details: { artifactId },
  });
}
