/** What the first bytes of a connection say about the server that is wanted. */
export type Hello =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'not_tls' }
  | { readonly kind: 'tls'; readonly serverName?: string };

const longestHello = 16_384 + 5;

/**
 * Reads the server name from a TLS ClientHello (RFC 8446 §4.1.2, RFC 6066 §3) in one record. Anything that is not
 * exactly that is `not_tls`.
 */
export function readClientHello(bytes: Buffer): Hello {
  if (bytes.length > 0 && bytes[0] !== 22) return { kind: 'not_tls' };
  if (bytes.length < 5) return { kind: 'incomplete' };
  const end = 5 + bytes.readUInt16BE(3);
  if (end > longestHello) return { kind: 'not_tls' };
  if (bytes.length < end) return { kind: 'incomplete' };
  try {
    return { kind: 'tls', ...serverNameOf(bytes.subarray(5, end)) };
  } catch {
    // A length that points outside of the record.
    return { kind: 'not_tls' };
  }
}

function serverNameOf(message: Buffer): { serverName?: string } {
  if (message.readUInt8(0) !== 1) throw new RangeError('not a ClientHello');
  // Type and length, version, random.
  let at = 4 + 2 + 32;
  at += 1 + message.readUInt8(at);
  at += 2 + message.readUInt16BE(at);
  at += 1 + message.readUInt8(at);
  if (at === message.length) return {};
  const end = at + 2 + message.readUInt16BE(at);
  at += 2;
  while (at < end) {
    const type = message.readUInt16BE(at);
    const length = message.readUInt16BE(at + 2);
    at += 4;
    if (type === 0) {
      // A list with one entry of the kind "host name".
      const nameLength = message.readUInt16BE(at + 3);
      if (message.readUInt8(at + 2) !== 0 || nameLength + 5 > length) throw new RangeError('odd server name');
      return { serverName: message.toString('latin1', at + 5, at + 5 + nameLength).toLowerCase() };
    }
    at += length;
  }
  return {};
}
