const pool = new Uint8Array(2048);
let used = pool.length;

/** A random byte from the system's generator, which is asked for many at a time; no byte is given twice. */
export function randomByte(): number {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const byte = pool[used] ?? 0;
  pool[used] = 0;
  used += 1;
  return byte;
}

const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Random bytes as lower-case hexadecimal text. */
export function randomHex(bytes: number): string {
  let text = '';
  for (let index = 0; index < bytes; index += 1) text += pairs[randomByte()];
  return text;
}
