import { createHash } from 'node:crypto';
import { canonicalJson } from '@steward/contracts';

export { canonicalJson };

/** `sha256:` and the hex SHA-256 of the value's canonical JSON in UTF-8. */
export function digestOf(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex')}`;
}
