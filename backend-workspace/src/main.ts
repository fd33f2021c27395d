import {
  DynamoIdempotencyStore,
  MemoryIdempotencyStore,
  createProtection,
  createDynamoClient,
  runEvery,
  runService,
} from '@steward/service-kit';
import { createApp } from './app.ts';
import { FileContentStore } from './artifacts/content.file.ts';
import { MemoryContentStore } from './artifacts/content.memory.ts';
import { S3ContentStore, createS3Client } from './artifacts/content.s3.ts';
import type { ContentStore } from './artifacts/content.ts';
import { DynamoArtifactRepository } from './artifacts/repository.dynamo.ts';
import { MemoryArtifactRepository } from './artifacts/repository.memory.ts';
import { readConfig } from './config.ts';
import { DynamoWorkspaceRepository } from './workspaces/repository.dynamo.ts';
import { MemoryWorkspaceRepository } from './workspaces/repository.memory.ts';

const config = readConfig(process.env);
const closers: (() => Promise<void> | void)[] = [];

const dynamo = config.store === 'memory' ? undefined : { client: createDynamoClient(), env: config.env };
if (dynamo !== undefined) closers.push(() => dynamo.client.destroy());

function repositories() {
  if (dynamo === undefined) {
    const workspaces = new MemoryWorkspaceRepository();
    return {
      workspaces,
      artifacts: new MemoryArtifactRepository({ workspaces }),
      idempotency: new MemoryIdempotencyStore(),
    };
  }
  return {
    workspaces: new DynamoWorkspaceRepository(dynamo),
    artifacts: new DynamoArtifactRepository(dynamo),
    idempotency: new DynamoIdempotencyStore(dynamo),
  };
}

function contentStore(): ContentStore {
  const { content } = config;
  if (content.kind === 'memory') return new MemoryContentStore();
  if (content.kind === 'file') return new FileContentStore({ folder: content.folder });
  const client = createS3Client(content.endpoint === undefined ? {} : { endpoint: content.endpoint });
  closers.push(() => client.destroy());
  return new S3ContentStore({ client, bucket: content.bucket });
}

const { service, purge } = createApp({
  ...repositories(),
  content: contentStore(),
  ...createProtection(config, dynamo),
});

if (config.purgeIntervalSeconds > 0) {
  const stopPurging = runEvery(config.purgeIntervalSeconds, async () => {
    try {
      service.logger.info(await purge.run(), 'purged');
    } catch (error) {
      service.logger.error({ err: error }, 'the purge failed and is tried again later');
    }
  });
  // The run in progress needs the stores, so it ends before they are closed.
  closers.unshift(stopPurging);
}

await runService(service, config, closers);
