import { join } from 'node:path';
import express from 'express';
import type { Express, Request, Response } from 'express';
import type { BrowserSessions } from './browser-sessions.ts';
import type { LaunchToken } from './launch-token.ts';
import { lockedPage, notBuiltPage } from './pages.ts';
import { judgeRequest } from './request-guard.ts';
import { securityHeaders } from './security-headers.ts';

/** What {@link createApp} needs. */
export interface AppDeps {
  /** Folder of the built renderer. */
  readonly appFolder: string;
  /** The port that the shell listens on; part of what the guard compares. */
  readonly port: number;
  readonly issuerOrigin: string;
  readonly launchToken: LaunchToken;
  readonly sessions: BrowserSessions;
}

/**
 * The pages of the web shell, in this order: security headers, guard, launch link, admission, files. The bridge is
 * not here; see `bridge-server.ts`.
 */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', 'strong');
  app.set('query parser', 'simple');
  const headers = securityHeaders(deps);

  app.use((request, response, next) => {
    response.set(headers);
    const { host, origin } = request.headers;
    const refusal = judgeRequest({ method: request.method, host, origin, upgrade: false }, deps.port);
    if (refusal !== undefined) return void sendText(response, refusal.status, refusal.message);
    // One name for one app: cookies of `localhost` and `127.0.0.1` are strangers, and sign-in returns to the latter.
    if (host?.startsWith('localhost:') === true) {
      return void response
        .set('cache-control', 'no-store')
        .redirect(307, `http://127.0.0.1:${deps.port}${request.url}`);
    }
    next();
  });
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/', (request, response, next) => {
    const launch = request.query['launch'];
    if (typeof launch !== 'string') return next();
    void answerLaunch(deps, launch, request, response).catch(next);
  });
  app.use((request, response, next) => {
    if (deps.sessions.isAdmitted(request.headers.cookie)) return next();
    response.set('cache-control', 'no-store').status(401).type('html').send(lockedPage());
  });
  app.use(
    '/assets',
    express.static(join(deps.appFolder, 'assets'), { immutable: true, maxAge: '1y', index: false, fallthrough: false }),
  );
  app.use(
    express.static(deps.appFolder, {
      index: false,
      cacheControl: false,
      setHeaders: (response) => response.setHeader('cache-control', 'no-cache'),
    }),
  );
  app.use((request, response, next) => {
    if (request.path.includes('.') && request.path !== '/index.html') return next();
    response.set('cache-control', 'no-cache');
    response.sendFile(join(deps.appFolder, 'index.html'), { cacheControl: false }, (error) => {
      if (error === undefined || error === null || response.headersSent) return;
      response.status(503).type('html').send(notBuiltPage());
    });
  });
  app.use((_request, response) => sendText(response, 404, 'Nothing is here.'));
  app.use((_error: unknown, _request: Request, response: Response, _next: () => void) => {
    if (!response.headersSent) sendText(response, 404, 'Nothing is here.');
  });
  return app;
}

async function answerLaunch(deps: AppDeps, launch: string, request: Request, response: Response): Promise<void> {
  response.set('cache-control', 'no-store');
  if (await deps.launchToken.redeem(launch)) {
    response.set('set-cookie', deps.sessions.admit()).redirect(303, '/');
    return;
  }
  if (deps.sessions.isAdmitted(request.headers.cookie)) response.redirect(303, '/');
  else response.status(403).type('html').send(lockedPage());
}

function sendText(response: Response, status: number, message: string): void {
  response.set('cache-control', 'no-store').status(status).type('text/plain').send(message);
}
