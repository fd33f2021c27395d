import { parseTarget, matchHost, isPrivateHost, parseHostEntry, type Target } from './domains.ts';
import { canonicalAddress, isPrivateAddress } from './addresses.ts';
import { bestGrant, grantedBy, grantsOf, unlistedLevel, type Finding, type JudgeContext } from './findings.ts';

/** The finding about one URL, and its parts where it could be parsed. */
export interface UrlJudgement {
  readonly finding: Finding;
  readonly target?: Target;
}

/** Judges a URL against Network.Http: form, scheme, host, port, and where the host leads as far as facts tell. */
export function judgeUrl(context: JudgeContext, url: unknown): UrlJudgement {
  const capability = 'Network.Http';
  const grants = grantsOf(context, capability);
  const parsed = parseTarget(url);
  if (!parsed.ok) {
    return {
      finding: {
        level: 'deny',
        code: 'URL_INVALID',
        capability,
        subject: typeof url === 'string' ? url : '',
        detail: parsed.problem,
      },
    };
  }
  const { target } = parsed;
  const subject = target.host;
  if (grants.length === 0)
    return { target, finding: { level: 'deny', code: 'CAPABILITY_NOT_GRANTED', capability, subject } };
  if (
    reachesPrivate(
      context,
      target,
      grants.flatMap((grant) => grant.allowedDomains ?? []),
    )
  ) {
    return { target, finding: { level: 'deny', code: 'PRIVATE_ADDRESS', capability, subject } };
  }
  const withScheme = grants.filter((grant) => (grant.allowedSchemes ?? ['https']).includes(target.scheme));
  if (withScheme.length === 0)
    return { target, finding: { level: 'deny', code: 'SCHEME_NOT_ALLOWED', capability, subject: target.scheme } };
  const listing = withScheme.filter((grant) =>
    (grant.allowedDomains ?? []).some((entry) => ['exact', 'wildcard'].includes(matchHost(entry, target))),
  );
  const grant = bestGrant(listing);
  if (grant !== undefined) return { target, finding: grantedBy(grant) };
  const otherPort = withScheme.some((each) =>
    (each.allowedDomains ?? []).some((entry) => matchHost(entry, target) === 'port'),
  );
  const level = unlistedLevel(withScheme);
  return {
    target,
    finding: otherPort
      ? { level, code: 'PORT_NOT_ALLOWED', capability, subject: `${subject}:${target.port}` }
      : { level, code: 'HOST_NOT_ALLOWED', capability, subject },
  };
}

/** Private places must be listed by their exact name or address; a wildcard or a public name never covers them. */
function reachesPrivate(context: JudgeContext, target: Target, entries: readonly string[]): boolean {
  const exact = entries.some((entry) => matchHost(entry, target) === 'exact');
  if (isPrivateHost(target.host) && !exact) return true;
  const addresses = resolvedAddresses(context, target.host);
  const loopbackName = target.host === 'localhost' && exact;
  return addresses.some((address) => {
    if (!isPrivateAddress(address)) return false;
    if (loopbackName && (address.startsWith('127.') || canonicalAddress(address) === '0:0:0:0:0:0:0:1')) return false;
    return !entries.some((entry) => parseHostEntry(entry)?.host === (canonicalAddress(address) ?? address));
  });
}

function resolvedAddresses(context: JudgeContext, host: string): readonly string[] {
  const dns: unknown = context.facts.dns;
  if (typeof dns !== 'object' || dns === null) return [];
  const found: unknown = Object.hasOwn(dns, host) ? (dns as Record<string, unknown>)[host] : undefined;
  return Array.isArray(found) ? found.map((address) => String(address)) : [];
}
