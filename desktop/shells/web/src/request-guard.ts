/** Why a request is not answered, with the status that says so. */
export interface Refusal {
  readonly status: 403 | 405 | 421;
  readonly message: string;
}

/** The facts of a request that the guard judges. */
export interface RequestFacts {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly upgrade: boolean;
}

/**
 * Judges a request before anything else sees it. The host name must be this machine's own (a page elsewhere that
 * rebinds its name arrives with a foreign Host), and whatever may act must come from our own page.
 */
export function judgeRequest(request: RequestFacts, port: number): Refusal | undefined {
  if (!ownHosts(port).includes(request.host ?? '')) {
    return { status: 421, message: 'This server answers for its own address only.' };
  }
  const reading = (request.method === 'GET' || request.method === 'HEAD') && !request.upgrade;
  if (reading) return undefined;
  if (request.origin === undefined || request.origin !== `http://${request.host}`) {
    return { status: 403, message: 'This request does not come from the app’s own page.' };
  }
  if (request.upgrade) return undefined;
  return { status: 405, message: 'This server answers GET and HEAD only.' };
}

/** The addresses under which the shell is known. */
export function ownHosts(port: number): readonly string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}
