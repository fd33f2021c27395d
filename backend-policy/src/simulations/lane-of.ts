/** Texts differ long before; what is equal up to here goes the same way, which costs balance only. */
const mostCharacters = 4096;

/** Which of so many lanes a text belongs to: equal texts to the same, different ones about evenly. Pure; FNV-1a. */
export function laneOf(text: string, lanes: number): number {
  if (lanes === 1) return 0;
  let mixed = 0x811c9dc5;
  const end = Math.min(text.length, mostCharacters);
  for (let index = 0; index < end; index += 1) mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193);
  return ((mixed ^ (mixed >>> 15)) >>> 0) % lanes;
}
