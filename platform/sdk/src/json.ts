import { canonicalJson } from '@steward/contracts';

export { canonicalJson };

/** `sha256:` and the hex SHA-256 of the value's canonical JSON in UTF-8. Node only. */
export function digestOf(value: unknown): string {
  // Looked up on use: the renderer imports this package too and has no such module.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return `sha256:${createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex')}`;
}
