import { createHash } from 'node:crypto';
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
 * The content with an envelope that tells the model where it comes from and how far it is trusted; trusted content is
 * given back as it is. The envelope exists only on the way to the gateway, never in the stored message. Its mark is made
 * of the message's id and the content itself, so that no content can hold the line that ends it. Pure.
 */
export function inEnvelope(message: ConversationMessage): string {
  const { provenance, content, messageId } = message;
  if (provenance === undefined || provenance.trust === 'trusted') return content;
  // A crafted file name must not be able to close the bracket or start a line of its own.
  const detail = (provenance.detail ?? '').replace(/[\][\p{Cc}\u2028\u2029]/gu, ' ').slice(0, 500);
  const kind = provenance.trust === 'secret' ? 'untrusted secret content' : 'untrusted content';
  const from = `${sources[provenance.source] ?? provenance.source}${detail === '' ? '' : ` ${detail}`}`;
  const mark = markOf(messageId, content);
  return `[${kind} from ${from}, until ${mark}]\n${content}\n[${mark}]`;
}

function markOf(messageId: string, content: string): string {
  return createHash('sha256').update(`${messageId}\n${content}`, 'utf8').digest('hex').slice(0, 16);
}
