/**
 * Whether an IP address is anything but a public unicast address: private, loopback, link-local (cloud metadata
 * included), carrier-grade NAT, unspecified, documentation, benchmarking, multicast or reserved, in v4, v6 or v4
 * mapped into v6. Text that is no address counts as private, so that a caller fails closed.
 */
export function isPrivateAddress(address: string): boolean {
  const v4 = parseIPv4(address);
  if (v4 !== undefined) return isPrivateV4(v4);
  const v6 = parseIPv6(address);
  if (v6 !== undefined) return isPrivateV6(v6);
  return true;
}

/** Whether the text is an IPv4 or IPv6 address in a standard form. */
export function isIpAddress(text: string): boolean {
  return parseIPv4(text) !== undefined || parseIPv6(text) !== undefined;
}

/** One spelling per address, so that two spellings compare equal; undefined when the text is no address. */
export function canonicalAddress(text: string): string | undefined {
  const v4 = parseIPv4(text);
  if (v4 !== undefined) return v4.join('.');
  const v6 = parseIPv6(text);
  return v6?.map((group) => group.toString(16)).join(':');
}

function parseIPv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const octets = parts.map((part) => (/^(?:0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return octets.every((octet) => octet <= 255) ? octets : undefined;
}

function parseIPv6(text: string): number[] | undefined {
  if (text.length > 100) return undefined;
  let body = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const zone = body.indexOf('%');
  if (zone >= 0) body = body.slice(0, zone);
  if (!body.includes(':')) return undefined;
  const lastColon = body.lastIndexOf(':');
  const embedded = parseIPv4(body.slice(lastColon + 1));
  if (embedded !== undefined) {
    const [a = 0, b = 0, c = 0, d = 0] = embedded;
    body = `${body.slice(0, lastColon + 1)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const halves = body.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '');
  const tail = groupsOf(halves[1] ?? '');
  if (head === undefined || tail === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? undefined : [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':').map((group) => (/^[0-9a-f]{1,4}$/i.test(group) ? parseInt(group, 16) : -1));
  return groups.every((group) => group >= 0) ? groups : undefined;
}

function isPrivateV4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true;
  if (a === 100 && b >= 64 && b <= 127) return true;
  if (a === 169 && b === 254) return true;
  if (a === 172 && b >= 16 && b <= 31) return true;
  if (a === 192 && b === 168) return true;
  if (a === 192 && b === 0 && (c === 0 || c === 2)) return true;
  if (a === 192 && b === 88 && c === 99) return true;
  if (a === 198 && (b === 18 || b === 19)) return true;
  if (a === 198 && b === 51 && c === 100) return true;
  if (a === 203 && b === 0 && c === 113) return true;
  // Azure's wire server answers instance metadata on a public address.
  return a === 168 && b === 63 && c === 129;
}

function isPrivateV6(groups: readonly number[]): boolean {
  const [g0 = 0, g1 = 0, g2 = 0, g3 = 0, g4 = 0, g5 = 0, g6 = 0, g7 = 0] = groups;
  const v4 = [g6 >> 8, g6 & 255, g7 >> 8, g7 & 255];
  if (g0 === 0 && g1 === 0 && g2 === 0 && g3 === 0) {
    // Mapped, translated and the deprecated compatible forms carry a v4 address in their last 32 bits.
    if (g4 === 0 && (g5 === 0xffff || g5 === 0)) return g5 === 0 ? true : isPrivateV4(v4);
    return g4 === 0xffff && g5 === 0 ? isPrivateV4(v4) : true;
  }
  if (g0 === 0x64 && g1 === 0xff9b) return g2 !== 0 || isPrivateV4(v4);
  if (g0 === 0x2002) return isPrivateV4([g1 >> 8, g1 & 255, g2 >> 8, g2 & 255]);
  if (g0 === 0x2001 && (g1 === 0 || g1 === 0xdb8 || (g1 & 0xfff0) === 0x20 || (g1 & 0xfff0) === 0x10)) return true;
  // Only 2000::/3 is global unicast; unique-local, link-local, site-local and multicast all lie outside it.
  return (g0 & 0xe000) !== 0x2000;
}
