import parseExpression from 'spdx-expression-parse';
import type { ParsedLicence } from 'spdx-expression-parse';
import type { Bom, BomComponent } from './bom.ts';
import { isOwn, npmNameOf } from './bom.ts';

/** Which licences what ships may have. */
export interface LicencePolicy {
  /** SPDX ids; anything else fails, so copyleft and unknown ones do. */
  readonly allowed: readonly string[];
  /** Packages whose licence was read and found fit by a person, with the reason. */
  readonly exceptions: readonly { readonly package: string; readonly licence: string; readonly reason: string }[];
}

/** One shipped dependency and what its licence is, as an SPDX expression where it has one. */
export interface LicenceEntry {
  readonly package: string;
  readonly version: string;
  readonly licence: string;
}

/** The licences of all third-party components, by package name. */
export function licencesOf(bom: Bom): LicenceEntry[] {
  return bom.components
    .filter((component) => !isOwn(component))
    .map((component) => ({
      package: npmNameOf(component),
      version: component.version ?? '',
      licence: licenceOf(component),
    }))
    .sort((left, right) => compare(left.package, right.package) || compare(left.version, right.version));
}

/** One sentence per dependency that the policy does not allow. */
export function licenceViolations(entries: readonly LicenceEntry[], policy: LicencePolicy): string[] {
  return entries
    .filter((entry) => !isAllowed(entry, policy))
    .map((entry) => `${entry.package}@${entry.version}: ${entry.licence} is not on the list of allowed licences.`);
}

/** Exceptions that no shipped dependency needs any more. */
export function unusedExceptions(entries: readonly LicenceEntry[], policy: LicencePolicy): string[] {
  return policy.exceptions
    .filter(
      ({ package: name, licence }) => !entries.some((entry) => entry.package === name && entry.licence === licence),
    )
    .map(({ package: name }) => `${name}: its licence exception is not needed any more; remove it.`);
}

function licenceOf(component: BomComponent): string {
  const entries = (component.licenses ?? []).map(
    ({ expression, license }) => expression ?? license?.id ?? license?.name ?? 'unknown',
  );
  // Several entries are joined as the strictest reading: all of them hold.
  return entries.length === 0 ? 'unknown' : entries.join(' AND ');
}

function isAllowed(entry: LicenceEntry, policy: LicencePolicy): boolean {
  if (policy.exceptions.some(({ package: name, licence }) => name === entry.package && licence === entry.licence)) {
    return true;
  }
  try {
    return permits(parseExpression(entry.licence), new Set(policy.allowed));
  } catch {
    return false;
  }
}

function permits(parsed: ParsedLicence, allowed: ReadonlySet<string>): boolean {
  if ('license' in parsed) return parsed.exception === undefined && allowed.has(parsed.license);
  const sides = [permits(parsed.left, allowed), permits(parsed.right, allowed)];
  return parsed.conjunction === 'or' ? sides.some(Boolean) : sides.every(Boolean);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
