import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { logLines } from '../src/index.ts';

describe('lines of a log', () => {
  it('are written one by one', () => {
    const written: string[] = [];
    const write = logLines(
      new Writable({ write: (chunk: Buffer, _encoding, done) => (written.push(String(chunk)), done()) }),
    );

    write('one');
    write('two');

    expect(written).toEqual(['one\n', 'two\n']);
  });

  it('are dropped when nobody reads them any more, which is no failure of who writes them', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('write EPIPE')) });
    const failed = new Promise((resolve) => void stream.once('error', resolve));
    const write = logLines(stream);

    write('lost');
    await failed;
    write('lost as well');

    // An error without a listener would end the test run.
    expect(stream.listenerCount('error')).toBe(1);
  });
});
