import { remembered } from './remembered.ts';
import { canonicalAddress, isIpAddress, isPrivateAddress } from './addresses.ts';

/** The parts of a URL that the policy judges. */
export interface Target {
  readonly url: string;
  readonly scheme: 'http' | 'https';
  /** ASCII, lower case, without trailing dot; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** A parsed URL, or why it is refused, as part of a sentence. */
export type TargetResult =
  { readonly ok: true; readonly target: Target } | { readonly ok: false; readonly problem: string };

/** How a host entry relates to a target: `port` means the host is listed with other ports only. */
export type HostMatch = 'exact' | 'wildcard' | 'port' | 'no';

const maxUrlLength = 16_384;
// These are the characters that URL parsers drop or turn into others
const confusing = /[\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\\]/;

/**
 * Takes a URL apart once, strictly: http or https, `//`, no userinfo, no white space or backslash, no host whose
 * spelling hides what it is (percent escapes, octal, hex or short IP addresses, full-width letters). Never throws.
 */
export function parseTarget(url: unknown): TargetResult {
  if (typeof url !== 'string' || url === '') return refuse('it is empty');
  if (url.length > maxUrlLength) return refuse('it is longer than 16384 characters');
  if (confusing.test(url)) return refuse('it contains spaces, control characters, invisible characters or a backslash');
  const scheme = /^(https?):\/\/(?!\/)/i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== 'http' && scheme !== 'https') return refuse('it does not begin with http:// or https://');
  const authority = /^[^/?#]*/.exec(url.slice(scheme.length + 3))?.[0] ?? '';
  if (authority.includes('@')) return refuse('it contains a user name or password');
  const parsed = tryParse(url);
  if (parsed === undefined || parsed.hostname === '') return refuse('its host is not valid');
  if (parsed.username !== '' || parsed.password !== '') return refuse('it contains a user name or password');
  const written = authority.startsWith('[')
    ? authority.slice(0, authority.indexOf(']') + 1)
    : (authority.split(':')[0] ?? '');
  const problem = oddHost(written, parsed.hostname);
  if (problem !== undefined) return refuse(problem);
  const host = plainHost(parsed.hostname);
  const port = parsed.port === '' ? defaultPort(scheme) : Number(parsed.port);
  if (port === 0) return refuse('its port is not valid');
  return { ok: true, target: { url: parsed.href, scheme, host, port } };
}

function refuse(problem: string): TargetResult {
  return { ok: false, problem };
}

function tryParse(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

function defaultPort(scheme: 'http' | 'https'): number {
  return scheme === 'https' ? 443 : 80;
}

function oddHost(written: string, hostname: string): string | undefined {
  if (written.includes('%')) return 'its host contains a percent escape';
  if (hostname.length > 254 || hostname.includes('..') || hostname.startsWith('.')) return 'its host is not valid';
  if (hostname.startsWith('[')) return undefined;
  const plain = plainHost(hostname);
  if (isIpAddress(plain)) {
    return plain === written ? undefined : 'its address is written in an unusual form';
  }
  const ascii = /^[\u0021-\u007e]*$/.test(written);
  if (!ascii && !hostname.split('.').some((label) => label.startsWith('xn--')))
    return 'its host is written with look-alike letters';
  return /^[a-z0-9._-]+$/.test(hostname) ? undefined : 'its host is not valid';
}

function plainHost(hostname: string): string {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return (bare.endsWith('.') ? bare.slice(0, -1) : bare).toLowerCase();
}

interface HostEntry {
  readonly host: string;
  readonly wildcard: boolean;
  readonly port?: number;
}

/**
 * Takes a domain entry apart: exact host, `*.host`, or an address, each with an optional `:port`.
 * Undefined when the entry is none of these.
 */
export const parseHostEntry: (entry: string) => HostEntry | undefined = remembered(readHostEntry, { longest: 300 });

function readHostEntry(entry: string): HostEntry | undefined {
  if (entry.length > 300 || confusing.test(entry) || /[/?#@%]/.test(entry)) return undefined;
  const bareV6 = isIpAddress(entry) ? canonicalAddress(entry) : undefined;
  if (bareV6 !== undefined) return { host: bareV6, wildcard: false };
  const wildcard = entry.startsWith('*.');
  const parsed = tryParse(`http://${wildcard ? entry.slice(2) : entry}`);
  const rest = wildcard ? entry.slice(2) : entry;
  if (parsed === undefined || rest === '' || rest.includes('*')) return undefined;
  const host = plainHost(parsed.hostname);
  if (oddHost(rest.startsWith('[') ? '[]' : (rest.split(':')[0] ?? ''), parsed.hostname) !== undefined)
    return undefined;
  if (wildcard && (isIpAddress(host) || !host.includes('.'))) return undefined;
  const port = /:(\d{1,5})$/.exec(rest)?.[1];
  const hasPort = port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
  return { host: canonicalAddress(host) ?? host, wildcard, ...(hasPort ? { port: Number(port) } : {}) };
}

/**
 * Compares one entry of `allowedDomains` with a target. `*.example.com` matches hosts below example.com, not
 * example.com itself; an entry without port covers the default port of the scheme only.
 */
export function matchHost(entry: string, target: Pick<Target, 'host' | 'port' | 'scheme'>): HostMatch {
  const parsed = parseHostEntry(entry);
  if (parsed === undefined) return 'no';
  const host = canonicalAddress(target.host) ?? target.host;
  const sameHost = parsed.wildcard ? host.endsWith(`.${parsed.host}`) : host === parsed.host;
  if (!sameHost) return 'no';
  const port = parsed.port ?? defaultPort(target.scheme);
  if (target.port !== port) return 'port';
  return parsed.wildcard ? 'wildcard' : 'exact';
}

const localNames = new Set([
  'localhost',
  'localhost.localdomain',
  'ip6-localhost',
  'ip6-loopback',
  'broadcasthost',
  'metadata',
  'instance-data',
]);
const localSuffixes = [
  '.localhost',
  '.local',
  '.internal',
  '.localdomain',
  '.lan',
  '.intranet',
  '.corp',
  '.home',
  '.home.arpa',
];

/** Whether a host is a private address or a name that by convention leads inside a machine or network. */
export function isPrivateHost(host: string): boolean {
  if (isIpAddress(host)) return isPrivateAddress(host);
  return localNames.has(host) || localSuffixes.some((suffix) => host.endsWith(suffix)) || !host.includes('.');
}
