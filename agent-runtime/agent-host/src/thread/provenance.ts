import type { ConversationMessage, Provenance } from '@steward/contracts';

const sources: Record<Provenance['source'], string> = {
  person: 'the person',
  system: 'the system',
  model: 'the model',
  repository_file: 'repository file',
  command_output: 'command',
  web: 'web address',
  remote_tool: 'remote tool',
  runtime: 'the runtime',
};

/**
 * The first line that tells the model where untrusted content comes from; empty for trusted content. It exists only
 * on the way to the gateway, never in the stored message.
 */
export function provenanceMarker(message: ConversationMessage): string {
  const { provenance } = message;
  if (provenance === undefined || provenance.trust === 'trusted') return '';
  // A crafted file name must not be able to close the bracket or start a line of its own.
  const detail = (provenance.detail ?? '').replace(/[\][\p{Cc}\u2028\u2029]/gu, ' ').slice(0, 500);
  return `[untrusted content from ${sources[provenance.source] ?? provenance.source}${detail === '' ? '' : ` ${detail}`}]\n`;
}
