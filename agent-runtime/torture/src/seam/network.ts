import * as http from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { faultPoints } from './fault-points.ts';

const ids = /(sess|ws|task|step|tc|msg|appr|art|evt|req)_[0-9A-Z]{26}/g;

/** `node:http` as one file of the product sees it: sending and receiving are points. */
export function instrumentHttp(site: string): { request: typeof http.request } {
  const request = (...args: unknown[]): ClientRequest => {
    const target = args.find((arg) => arg instanceof URL || typeof arg === 'string');
    const options = args.find((arg) => typeof arg === 'object' && !(arg instanceof URL)) as http.RequestOptions;
    const path = target === undefined ? '' : new URL(String(target)).pathname.replace(ids, '$1_*');
    const name = `${options?.method ?? 'GET'} ${path} (${site})`;
    faultPoints.pass(`send ${name}`, 'before');
    const outgoing = (http.request as (...given: unknown[]) => ClientRequest)(...args);
    outgoing.prependOnceListener('finish', () => void faultPoints.pass(`send ${name}`, 'after'));
    outgoing.prependOnceListener('response', (response: IncomingMessage) => {
      faultPoints.pass(`receive ${name}`, 'before');
      response.prependOnceListener('end', () => void faultPoints.pass(`receive ${name}`, 'after'));
    });
    return outgoing;
  };
  return { request: request as typeof http.request };
}
