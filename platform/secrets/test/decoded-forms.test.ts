import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodedForms, findSecrets } from '../src/index.ts';

/** In two halves, so that this file holds nothing that looks like a secret. */
const key = 'AKIA' + 'IOSFODNN7ABCDEFG';
const hex = (text: string): string => Buffer.from(text).toString('hex');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const long = `first line of a file\nAWS_KEY_ID=${key}\nand more of it, so that it is wrapped\n`;

describe('decodedForms', () => {
  it.each<[string, string]>([
    ['URL escapes', key.replaceAll('A', '%41')],
    ['JSON escapes', `{"a":"${key.replaceAll('A', '\\u0041')}"}`],
    ['escaped bytes', key.replaceAll('I', '\\x49')],
    ['UTF-16', Buffer.from(key, 'utf16le').toString('latin1')],
    ['Base64', `data=${base64(key)}`],
    ['Base64 for addresses', `?d=${Buffer.from(long).toString('base64url')}`],
    ['wrapped Base64', base64(long).replaceAll(/.{76}/g, '$&\n')],
    ['wrapped Base64 in JSON', JSON.stringify({ a: base64(long).replaceAll(/.{64}/g, '$&\r\n') })],
    ['hexadecimal digits', hex(key)],
    ['Base64 in URL escapes', base64(key).replaceAll('=', '%3D').replaceAll('Q', '%51')],
  ])('shows a secret that is written in %s', (_, text) => {
    expect(findSecrets(text)).toEqual([]);
    expect(decodedForms(text).flatMap((form) => findSecrets(form).map(({ kind }) => kind))).toContain('AWS access key');
  });

  it('finds nothing in what people send every day', () => {
    const image = Buffer.from(Array.from({ length: 3_000 }, (_, index) => (index * 7919) % 256)).toString('base64');
    const texts = [
      'plain words and numbers 12345',
      '{"name":"x","note":"a\\nb"}',
      `data:image/png;base64,${image}`,
      'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      '/v1/items?q=a%20b&cursor=eyJuZXh0IjoxMjM0NX0',
    ];

    expect(texts.map((text) => decodedForms(text).flatMap(findSecrets))).toEqual(texts.map(() => []));
  });

  it('has an answer for any text, and shows a secret wherever its Base64 stands', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const text = `${before} ${base64(long)} ${after}`;

        expect(decodedForms(text).some((form) => form.includes(key))).toBe(true);
      }),
    );
  });
});
