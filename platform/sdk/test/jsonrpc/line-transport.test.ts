import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { LineTransport } from '../../src/index.ts';

describe('a transport of lines', () => {
  it('hears the last words of a process that can be written to no more, and closes behind them', async () => {
    const fromProcess = new PassThrough();
    const toProcess = new PassThrough();
    const transport = new LineTransport(fromProcess, toProcess);
    const seen: string[] = [];
    transport.onMessage((text) => void seen.push(text));
    const closed = new Promise<void>((resolve) => transport.onClose(() => resolve()));
    void closed.then(() => seen.push('closed'));

    toProcess.destroy();
    await once(toProcess, 'close');
    fromProcess.end('{"id":1,"result":{}}\n');
    await closed;

    expect(seen).toEqual(['{"id":1,"result":{}}', 'closed']);
  });

  it('closes at once when nothing more can be read either', async () => {
    const fromProcess = new PassThrough();
    const toProcess = new PassThrough();
    const transport = new LineTransport(fromProcess, toProcess);
    let closes = 0;
    transport.onClose(() => void (closes += 1));

    fromProcess.destroy();
    toProcess.destroy();
    await Promise.all([once(fromProcess, 'close'), once(toProcess, 'close')]);

    expect(closes).toBe(1);
  });
});
