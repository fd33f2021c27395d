import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { parseTarget, type Target } from '@steward/policy-engine';
import { StewardError } from '@steward/sdk';
import type { ToolWalls } from '@steward/tool-port';
import type { EgressDeps } from '../ports.ts';

/** A URL whose host has been resolved and judged; connections go to these addresses and nowhere else. */
export interface Destination {
  readonly target: Target;
  readonly addresses: readonly { readonly address: string; readonly family: 4 | 6 }[];
}

/**
 * Parses, resolves once and judges a URL. Throws INVALID_REQUEST for a URL that is none, CAPABILITY_DENIED when the
 * walls refuse it or every address of its host, TOOL_EXECUTION_FAILED when the host is not known.
 */
export async function resolveDestination(
  url: string,
  walls: ToolWalls,
  deps: EgressDeps,
  isRedirect: boolean,
): Promise<Destination> {
  const parsed = parseTarget(url);
  if (!parsed.ok)
    throw new StewardError(
      'INVALID_REQUEST',
      `${isRedirect ? 'The redirect target' : 'The URL'} is refused: ${parsed.problem}.`,
    );
  const { target } = parsed;
  if (walls.checkUrl?.(target.url) === false)
    throw refused(
      target.host,
      isRedirect ? 'the server redirected there, and the policy does not allow it' : 'the policy does not allow it',
    );
  const found = await addressesOf(target.host, deps);
  const addresses = found.filter(({ address }) => walls.allowAddress(target.host, target.port, address));
  if (addresses.length === 0) throw refused(target.host, `its address ${found[0]?.address ?? ''} is not allowed`);
  return { target, addresses };
}

/** The refusal of a host, in words. */
export function refused(host: string, why: string): StewardError {
  return new StewardError(
    'CAPABILITY_DENIED',
    `Network.Http does not reach ${host}: ${why}. Ask an admin to list the host, or use another one.`,
    {
      details: { reasonCodes: ['ADDRESS_NOT_ALLOWED_AT_CONNECT'], host },
    },
  );
}

async function addressesOf(host: string, deps: EgressDeps): Promise<Destination['addresses']> {
  const family = isIP(host);
  if (family === 4 || family === 6) return [{ address: host, family }];
  try {
    if (deps.resolve !== undefined) return await deps.resolve(host);
    const found = await lookup(host, { all: true, verbatim: true });
    return found.map(({ address, family: kind }) => ({ address, family: kind === 6 ? 6 : 4 }));
  } catch (error) {
    throw new StewardError(
      'TOOL_EXECUTION_FAILED',
      `The host ${host} could not be found. Check its name and the connection.`,
      { cause: error },
    );
  }
}
