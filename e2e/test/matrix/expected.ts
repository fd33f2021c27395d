import type { Cell } from './cells.ts';
import { seesWholeTenantOf } from './exceptions.ts';
import { answersForForeign, answersForOwn } from './exceptions.ts';

/** Refusals that never answer an entitled call about things that are there. */
const refusals = new Set([400, 401, 403, 404, 405, 429, 500, 503]);

/** Every status that the call may have, by what its operation declares and a short table of exceptions. */
export function expectedOf(cell: Cell): ReadonlySet<number> {
  const { operation, principal, resource } = cell;
  if (operation === undefined) return new Set([405]);
  const { access, operationId, responses } = operation;
  if (access.public === true) return successesOf(responses);
  if (principal.tenant === undefined) return new Set([401]);
  if (!isAdmitted(cell)) return new Set([403]);
  if (resource === 'foreign' || resource === 'unknown' || resource === 'mixed') {
    return new Set(answersForForeign[operationId]?.[resource] ?? answersForForeign[operationId]?.any ?? [404]);
  }
  const personal = seesWholeTenantOf[operationId];
  const isOwner = principal.userId === 'owner' && principal.tenant !== undefined;
  if (personal !== undefined && !isOwner && !principal.roles.some((role) => personal.includes(role))) {
    return new Set([404]);
  }
  return new Set([...successesOf(responses), ...(answersForOwn[operationId] ?? [])]);
}

function isAdmitted({ operation, principal }: Cell): boolean {
  const { roles = [], services = [] } = operation?.access ?? {};
  if (principal.service !== undefined) return roles.includes('service') && services.includes(principal.service);
  return principal.roles.some((role) => role !== 'service' && roles.includes(role));
}

function successesOf(responses: Readonly<Record<string, unknown>>): Set<number> {
  return new Set(
    Object.keys(responses)
      .map(Number)
      .filter((status) => !refusals.has(status)),
  );
}
