import { pipeline } from 'node:stream/promises';
import type { WorkspaceOperations } from '@steward/sdk';
import { answered } from '@steward/service-kit';
import type { OperationCall, OperationHandlers } from '@steward/service-kit';
import { viewArtifact } from './artifact.ts';
import type { ArtifactService, ContentReading } from './service.ts';

type Handled = 'createArtifact' | 'listArtifacts' | 'getArtifact' | 'putArtifactContent' | 'getArtifactContent';
type Response = OperationCall<WorkspaceOperations['getArtifactContent']>['response'];

/** The operations on artifacts and their content. */
export function createArtifactRoutes(service: ArtifactService): Pick<OperationHandlers<WorkspaceOperations>, Handled> {
  return {
    createArtifact: async ({ path, body, context }) => ({
      status: 201,
      body: viewArtifact(await service.create(context.caller, path.workspaceId, body, context.attempt)),
    }),
    listArtifacts: async ({ path, query, context }) => {
      const page = await service.list(context.caller, path.workspaceId, query);
      return { status: 200, body: { ...page, items: page.items.map(viewArtifact) } };
    },
    getArtifact: async ({ path, context }) => ({
      status: 200,
      body: viewArtifact(await service.get(context.caller, path.workspaceId, path.artifactId)),
    }),
    putArtifactContent: async ({ path, headers, context, request }) => {
      const declared = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
      const owner = context.caller;
      // A refusal in the middle of the body must still reach the sender: the connection stays open, the rest is dropped.
      const source = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
      const receiving = service.putContent(owner, path.workspaceId, path.artifactId, source, declared);
      const record = await receiving.finally(() => request.resume());
      return { status: 200, body: viewArtifact(record) };
    },
    getArtifactContent: async ({ path, headers, context, response }): Promise<typeof answered> => {
      const owner = context.caller;
      return sendContent(response, await service.read(owner, path.workspaceId, path.artifactId, headers.range));
    },
  };
}

async function sendContent(response: Response, reading: ContentReading): Promise<typeof answered> {
  const { sizeBytes, sha256 } = reading.artifact;
  response.setHeader('Accept-Ranges', 'bytes');
  if (reading.kind === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${sizeBytes}`);
    response.status(416).json({
      code: 'INVALID_REQUEST',
      message: `The range lies outside the content, which has ${sizeBytes} bytes. Ask for a range inside it.`,
      retryable: false,
      details: { sizeBytes },
    });
    return answered;
  }
  // Never the type that the uploader named: a browser must not take stored bytes for a page of this origin.
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('Content-Disposition', 'attachment');
  if (sha256 !== undefined) response.setHeader('ETag', `"${sha256}"`);
  if (reading.kind === 'part') {
    const { start, end } = reading.range;
    response.status(206).setHeader('Content-Range', `bytes ${start}-${end}/${sizeBytes}`);
    response.setHeader('Content-Length', end - start + 1);
  } else {
    response.status(200).setHeader('Content-Length', sizeBytes);
  }
  if (response.req.method === 'HEAD') {
    reading.bytes.destroy();
    response.end();
    return answered;
  }
  await pipeline(reading.bytes, response);
  return answered;
}
