import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Journal } from '../../src/journal/journal.ts';
import { JournalUnavailableError } from '../../src/journal/journal-error.ts';
import { MemoryJournalFiles, diskFull } from '../support/memory-journal-files.ts';

const path = '/home/sessions/s/journal.log';

async function open(
  files: MemoryJournalFiles,
): Promise<{ journal: Journal; found: string[]; state: string; keptAside: string | undefined }> {
  const found: string[] = [];
  const { journal, end, keptAside } = await Journal.open(
    path,
    files,
    ({ json }) => void found.push(json),
    (file) => `${file}.aside`,
  );
  return { journal, found, state: end.state, keptAside };
}

describe('the journal', () => {
  it('keeps over a power cut what was synced, and over a kill what was flushed', async () => {
    const files = new MemoryJournalFiles();
    const { journal } = await open(files);
    journal.append('event', '"synced"');
    await journal.sync();
    journal.append('event', '"flushed"');
    journal.flush();
    journal.append('event', '"appended"');

    files.kill();
    const afterKill = await open(files);
    files.cutPower();
    const afterCut = await open(files);

    expect(afterKill.found).toEqual(['"synced"', '"flushed"']);
    expect(afterCut.found).toEqual(['"synced"']);
  });

  it('shares one sync between everyone who waits at the same time', async () => {
    const files = new MemoryJournalFiles();
    const { journal } = await open(files);
    files.operations.length = 0;

    journal.append('event', '1');
    const first = journal.sync();
    journal.append('event', '2');
    await Promise.all([first, journal.sync(), journal.sync(), journal.sync()]);

    const folders = ['syncFolder', 'syncFolder', 'syncFolder', 'syncFolder'];
    expect(files.operations).toEqual(['write', 'sync', ...folders, 'write', 'sync']);
  });

  it('loses nothing to a full disk: what was appended is written once there is room', async () => {
    const files = new MemoryJournalFiles();
    const { journal } = await open(files);
    journal.append('event', '1');
    await journal.sync();
    files.tornBytes = 9;
    files.fault = (operation) => {
      if (operation === 'write') throw diskFull();
    };

    journal.append('event', '2');
    await expect(journal.sync()).rejects.toBeInstanceOf(JournalUnavailableError);
    journal.append('event', '3');
    await expect(journal.sync()).rejects.toMatchObject({ errno: 'ENOSPC' });
    const read = journal.readAt(0, journal.length).toString();
    files.fault = () => undefined;
    journal.append('event', '4');
    await journal.sync();
    files.cutPower();

    expect(read.match(/event \d/g)).toEqual(['event 1', 'event 2', 'event 3']);
    expect(await open(files)).toMatchObject({ found: ['1', '2', '3', '4'], state: 'clean' });
  });

  it('writes again what a failed sync may have lost', async () => {
    const files = new MemoryJournalFiles();
    const { journal } = await open(files);
    files.fault = (operation) => {
      if (operation === 'sync') throw Object.assign(new Error('i/o'), { code: 'EIO' });
    };
    journal.append('event', '1');
    await expect(journal.sync()).rejects.toMatchObject({ errno: 'EIO' });
    // A disk that failed a flush may have dropped the pages although the file looks whole.
    for (const file of files.files.values()) file.data = Buffer.from(file.durable);
    files.fault = () => undefined;

    await journal.sync();
    files.cutPower();

    expect((await open(files)).found).toEqual(['1']);
  });

  it('confirms nothing before what a killed process left unflushed is on the disk, also after a failed flush', async () => {
    const files = new MemoryJournalFiles();
    const first = await open(files);
    first.journal.append('event', '1');
    first.journal.flush();
    files.kill();
    const { journal } = await open(files);
    let refusals = 1;
    files.fault = (operation) => {
      if (operation !== 'sync' || refusals === 0) return;
      refusals -= 1;
      // The pages are forgotten, and the next flush would say that all is well.
      files.files.get(path)!.data = Buffer.alloc(0);
      throw Object.assign(new Error('i/o'), { code: 'EIO' });
    };

    await expect(journal.sync()).rejects.toMatchObject({ errno: 'EIO' });
    await journal.sync();
    files.cutPower();

    expect((await open(files)).found).toEqual(['1']);
  });

  it('copies a damaged file aside before it goes on', async () => {
    const files = new MemoryJournalFiles();
    const { journal } = await open(files);
    for (const json of ['1', '2', '3']) journal.append('event', json);
    await journal.sync();
    const file = files.files.get(path)!;
    const damaged = Buffer.from(file.data);
    damaged[40] = damaged[40]! ^ 4;
    file.data = damaged;

    const { found, state, keptAside } = await open(files);

    expect({ found, state, keptAside }).toEqual({ found: ['1'], state: 'damaged', keptAside: `${path}.aside` });
    expect(files.files.get(`${path}.aside`)!.durable).toEqual(damaged);
  });

  it('is there after a power cut with its name, once its first record was confirmed', async () => {
    const files = new MemoryJournalFiles();
    const { journal } = await open(files);
    journal.append('event', '1');
    files.fault = (operation) => {
      if (operation === 'syncFolder') throw Object.assign(new Error('i/o'), { code: 'EIO' });
    };

    await expect(journal.sync()).rejects.toMatchObject({ errno: 'EIO' });
    files.fault = () => undefined;
    await journal.sync();

    expect(files.operations.filter((operation) => operation === 'syncFolder').length).toBeGreaterThanOrEqual(3);
  });

  it('puts a wrong separator right and loses nothing to it', async () => {
    const files = new MemoryJournalFiles();
    const { journal } = await open(files);
    for (const json of ['1', '2']) journal.append('event', json);
    await journal.sync();
    const file = files.files.get(path)!;
    const whole = Buffer.from(file.data);
    file.data = Buffer.from(whole);
    file.data[whole.length - 1] = 0x0b;

    const { found, state } = await open(files);

    expect({ found, state }).toEqual({ found: ['1', '2'], state: 'clean' });
    expect(file.data).toEqual(whole);
  });

  it('says what the disk refuses when it is opened, and opens once it does not', async () => {
    for (const operation of ['makeFolder', 'read', 'open', 'truncate'] as const) {
      const files = new MemoryJournalFiles();
      files.files.set(path, { data: Buffer.from('half a rec'), durable: Buffer.alloc(0) });
      files.fault = (met) => {
        if (met === operation) throw Object.assign(new Error('read-only'), { code: 'EROFS' });
      };

      await expect(open(files)).rejects.toMatchObject({ errno: 'EROFS', retryable: true });
      files.fault = () => undefined;
      expect(await open(files)).toMatchObject({ found: [], state: 'torn' });
    }
  });

  it('is old or new, and whole, wherever a rewrite is killed', async () => {
    const records = (values: readonly string[]): { kind: 'event'; json: string }[] =>
      values.map((json) => ({ kind: 'event', json }));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 12 }), fc.boolean(), async (at, powerCut) => {
        const files = new MemoryJournalFiles();
        const { journal } = await open(files);
        for (const json of ['1', '2', '3']) journal.append('event', json);
        await journal.sync();
        files.operations.length = 0;
        files.fault = (_operation, count) => {
          if (count > at) throw new Error('killed');
        };

        await journal.rewrite(records(['new'])).catch(() => undefined);
        if (powerCut) files.cutPower();
        else files.kill();
        const { found, state } = await open(files);

        expect(state).toBe('clean');
        expect([['1', '2', '3'], ['new']]).toContainEqual(found);
      }),
    );
  });

  it('goes on with the old file when there is no room for the new one, at whatever operation', async () => {
    for (const operation of ['remove', 'open', 'write', 'syncNow', 'rename', 'syncFolder'] as const) {
      const files = new MemoryJournalFiles();
      const { journal } = await open(files);
      journal.append('event', '1');
      await journal.sync();
      files.fault = (met) => {
        if (met === operation) throw diskFull();
      };

      await expect(journal.rewrite([{ kind: 'event', json: '1' }])).rejects.toBeInstanceOf(JournalUnavailableError);
      files.fault = () => undefined;
      journal.append('event', '2');
      await journal.sync();
      files.cutPower();

      expect(await open(files)).toMatchObject({ found: ['1', '2'], state: 'clean' });
    }
  });

  it('ends, after any mix of faults, with every record whose sync was confirmed', async () => {
    const step = fc.record({
      fault: fc.constantFrom('none', 'none', 'none', 'write', 'sync', 'truncate'),
      torn: fc.nat({ max: 80 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const files = new MemoryJournalFiles();
        const { journal } = await open(files);
        let confirmed = 0;
        for (const [index, { fault, torn }] of steps.entries()) {
          files.tornBytes = torn;
          files.fault = (operation) => {
            if (operation === fault) throw diskFull();
          };
          journal.append('event', String(index));
          await journal.sync().then(
            () => {
              confirmed = index + 1;
            },
            () => undefined,
          );
        }
        files.cutPower();

        const { found } = await open(files);

        expect(found.length).toBeGreaterThanOrEqual(confirmed);
        expect(found).toEqual(Array.from({ length: found.length }, (_, index) => String(index)));
      }),
    );
  });
});
