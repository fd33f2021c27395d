import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  callService,
  createManualClock,
  createTestIssuer,
  silentLogger,
  startDynamo,
} from '@steward/service-kit/test-support';
import type { ManualClock, ServiceCaller, TestIssuer } from '@steward/service-kit/test-support';
import { createApp } from '../src/app.ts';
import type { WorkspaceApp } from '../src/app.ts';
import { FileContentStore } from '../src/artifacts/content.file.ts';
import { MemoryContentStore } from '../src/artifacts/content.memory.ts';
import type { ContentStore } from '../src/artifacts/content.ts';
import { DynamoArtifactRepository } from '../src/artifacts/repository.dynamo.ts';
import { MemoryArtifactRepository } from '../src/artifacts/repository.memory.ts';
import type { ArtifactRepository } from '../src/artifacts/repository.ts';
import { DynamoWorkspaceRepository } from '../src/workspaces/repository.dynamo.ts';
import { MemoryWorkspaceRepository } from '../src/workspaces/repository.memory.ts';
import type { WorkspaceRepository } from '../src/workspaces/repository.ts';

/** The three stores of one service. */
export interface Stores {
  readonly workspaces: WorkspaceRepository;
  readonly artifacts: ArtifactRepository;
  readonly content: ContentStore;
  close(): Promise<void>;
}

/** Stores in this process. */
export async function memoryStores(): Promise<Stores> {
  const workspaces = new MemoryWorkspaceRepository();
  const artifacts = new MemoryArtifactRepository({ workspaces });
  return { workspaces, artifacts, content: new MemoryContentStore(), close: async () => {} };
}

/** The embedded engine and a temporary folder. */
export async function durableStores(): Promise<Stores> {
  const dynamo = await startDynamo();
  const folder = await mkdtemp(join(tmpdir(), 'steward-workspace-'));
  return {
    workspaces: new DynamoWorkspaceRepository(dynamo),
    artifacts: new DynamoArtifactRepository(dynamo),
    content: new FileContentStore({ folder }),
    close: async () => {
      await dynamo.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A service over stores, with people who have tokens. */
export interface AppFixture extends WorkspaceApp {
  readonly api: ServiceCaller;
  readonly clock: ManualClock;
  readonly issuer: TestIssuer;
  /** Fresh access token of a person or service. */
  token(sub: string, tenantId?: string, roles?: readonly string[]): Promise<string>;
}

/** Builds the service over the given stores. */
export async function createFixture(stores: Omit<Stores, 'close'>): Promise<AppFixture> {
  const issuer = await createTestIssuer();
  const clock = createManualClock();
  const app = createApp({ ...stores, clock, authenticate: issuer.authenticate, logger: silentLogger });
  return {
    ...app,
    clock,
    issuer,
    api: callService(app.service),
    token: (sub, tenantId = 'acme', roles = ['user']) => issuer.tokenFor({ sub, tenantId, roles }),
  };
}
