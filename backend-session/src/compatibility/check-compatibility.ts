import type { ClientInfo, Incompatibility } from '@steward/contracts';
import type { SupportedRange, SupportedVersions } from './supported-versions.ts';

/**
 * Names every component of the client that lies outside its supported range; empty means compatible.
 * A component that the client does not name is taken as supported. Versions are dotted numbers, compared number by
 * number; a pre-release suffix counts as older than its release; what is no version at all is not supported.
 */
export function checkCompatibility(clientInfo: ClientInfo, supported: SupportedVersions): Incompatibility[] {
  const found: Incompatibility[] = [];
  for (const component of Object.keys(supported) as (keyof SupportedVersions)[]) {
    const version = clientInfo[component];
    if (version === undefined) continue;
    const range = supported[component];
    if (isWithin(String(version), range)) continue;
    found.push({ component, version: String(version), supported: describeRange(range), install: range.install });
  }
  return found;
}

function describeRange(range: SupportedRange): string {
  if (range.max === undefined) return `>=${range.min}`;
  return range.min === range.max ? range.min : `${range.min} to ${range.max}`;
}

function isWithin(version: string, range: SupportedRange): boolean {
  const parsed = parseVersion(version);
  if (parsed === undefined) return false;
  const min = parseVersion(range.min);
  const max = range.max === undefined ? undefined : parseVersion(range.max);
  if (min === undefined || compareVersions(parsed, min) < 0) return false;
  return max === undefined || compareVersions(parsed, max) <= 0;
}

interface Version {
  readonly numbers: readonly number[];
  readonly preRelease: boolean;
}

function parseVersion(text: string): Version | undefined {
  const [core = '', ...suffix] = text.split('+')[0]?.split('-') ?? [];
  const parts = core.split('.');
  if (parts.length > 4 || !parts.every((part) => /^\d{1,9}$/.test(part))) return undefined;
  return { numbers: parts.map(Number), preRelease: suffix.length > 0 };
}

function compareVersions(a: Version, b: Version): number {
  for (let index = 0; index < Math.max(a.numbers.length, b.numbers.length); index += 1) {
    const difference = (a.numbers[index] ?? 0) - (b.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(b.preRelease) - Number(a.preRelease);
}
