import { Router } from 'express';
import type { Lifecycle } from '../drain.ts';
import type { OpenApiDocument } from '../openapi/document.ts';

/** Throws, with a plain sentence, while the service cannot do its work. Must be quick: it is asked every few seconds. */
export type ReadinessCheck = () => Promise<void>;

/** `/healthz`: the process answers. `/readyz`: it can do its work. `/openapi.json`: what it offers. */
export function createHealthRoutes(deps: {
  name: string;
  document: OpenApiDocument;
  lifecycle: Lifecycle;
  readiness: ReadinessCheck | undefined;
}): Router {
  const router = Router();
  const { name, document } = deps;
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok', service: name, version: document.info.version });
  });
  router.get('/readyz', async (_request, response) => {
    const reason = await reasonNotReady(deps);
    response.status(reason === undefined ? 200 : 503).json({
      status: reason === undefined ? 'ready' : 'not_ready',
      service: name,
      ...(reason === undefined ? {} : { reason }),
    });
  });
  router.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
  return router;
}

async function reasonNotReady(deps: {
  lifecycle: Lifecycle;
  readiness: ReadinessCheck | undefined;
}): Promise<string | undefined> {
  if (deps.lifecycle.draining.aborted) return 'The service is stopping.';
  try {
    await deps.readiness?.();
    return undefined;
  } catch {
    return 'A dependency of the service does not answer.';
  }
}
