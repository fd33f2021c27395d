import type { ArtifactContent } from '../contract/bridge.ts';

/** Most bytes of an artifact that are shown. */
export const maxTextBytes = 1024 * 1024;

/** An artifact's first bytes as text for display; what is not text is described by its type and size alone. */
export function describeContent(
  facts: { readonly contentType: string; readonly sizeBytes: number },
  bytes: Uint8Array,
): ArtifactContent {
  const truncated = facts.sizeBytes > bytes.length;
  return { ...facts, truncated, text: textOf(bytes, truncated) };
}

function textOf(bytes: Uint8Array, truncated: boolean): string | null {
  if (bytes.includes(0)) return null;
  try {
    // A cut may fall inside a character: `stream` keeps its first bytes back instead of failing on them.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: truncated });
  } catch {
    return null;
  }
}
