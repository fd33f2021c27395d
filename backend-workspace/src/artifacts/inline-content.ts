import { StewardError } from '@steward/sdk';

/** Largest inline content in bytes, after decoding. */
export const maxInlineBytes = 5 * 1024 * 1024;

/** The bytes of inline content; refuses text that is not what its encoding says and more than 5 MiB. */
export function decodeInline(content: string, encoding: 'utf8' | 'base64'): Buffer {
  const bytes = encoding === 'utf8' ? decodeText(content) : decodeBase64(content);
  if (bytes.byteLength > maxInlineBytes) {
    throw new StewardError(
      'FILE_TOO_LARGE',
      `content has ${bytes.byteLength} bytes, inline content at most ${maxInlineBytes}. Leave it out and send it to the artifact's upload address.`,
      {
        details: { limitBytes: maxInlineBytes, sizeBytes: bytes.byteLength },
      },
    );
  }
  return bytes;
}

function decodeText(content: string): Buffer {
  if (/\p{Surrogate}/u.test(content)) throw refuse('is not well-formed Unicode; send such bytes as base64');
  return Buffer.from(content, 'utf8');
}

function decodeBase64(content: string): Buffer {
  const bytes = Buffer.from(content, 'base64');
  // Node skips what is not base64; only text that encodes back to itself was all base64.
  if (bytes.toString('base64') !== content) throw refuse('is not canonical base64');
  return bytes;
}

function refuse(rule: string): StewardError {
  return new StewardError('INVALID_REQUEST', `content ${rule}.`, { details: { field: 'content' } });
}
