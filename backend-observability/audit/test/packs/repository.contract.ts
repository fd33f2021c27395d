import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@steward/sdk';
import { testScope } from '@steward/service-kit/test-support';
import type { Pack, PackRepository } from '../../src/packs/repository.ts';

const hour = '2026-02-21T12:00:00.000Z';
const day = '2026-02-21';

/** What every store of packs promises. */
export function describePackRepository(name: string, create: () => PackRepository): void {
  describe(`packs in ${name}`, () => {
    let packs: PackRepository;
    let scope: ReturnType<typeof testScope>;

    beforeEach(() => {
      packs = create();
      scope = testScope(`tenant-${newId('sess').slice(-8).toLowerCase()}`);
    });

    const packOf = (readAt: string, ...texts: string[]): Pack => ({
      hour,
      readAt,
      parts: texts.map((text) => new TextEncoder().encode(text)),
    });
    const read = async (at = scope, of: { day: string; first?: number; last?: number } = { day }) => {
      const known = await packs.readHours(at, { first: 0, last: 23, ...of });
      const texts = [...known.packs.values()].map((pack) => ({
        ...pack,
        parts: pack.parts.map((part) => new TextDecoder().decode(part)),
      }));
      return { packs: texts, lateAt: Object.fromEntries(known.lateAt) };
    };

    it('gives back the newest pack of each hour of a day, and when something was late', async () => {
      const other = { ...packOf('2026-02-21T20:00:00.000Z', 'other'), hour: '2026-02-21T03:00:00.000Z' };
      await packs.put(scope, packOf('2026-02-21T14:00:00.000Z', 'one', 'two', 'three'));
      await packs.put(scope, other);
      await packs.markLate(scope, hour, '2026-02-21T15:00:00.000Z');
      await packs.markLate(scope, hour, '2026-02-21T16:00:00.000Z');

      await packs.put(scope, packOf('2026-02-21T17:00:00.000Z', 'uno', 'due'));

      const { packs: found, lateAt } = await read();
      expect(found.sort((a, b) => (a.hour < b.hour ? -1 : 1))).toEqual([
        { ...other, parts: ['other'] },
        { hour, readAt: '2026-02-21T17:00:00.000Z', parts: ['uno', 'due'] },
      ]);
      expect(lateAt).toEqual({ [hour]: '2026-02-21T16:00:00.000Z' });
      expect(await read(scope, { day, first: 0, last: 11 })).toEqual({
        packs: [{ ...other, parts: ['other'] }],
        lateAt: {},
      });
    });

    it('keeps days and tenants apart', async () => {
      await packs.put(scope, packOf('2026-02-21T14:00:00.000Z', 'one'));
      await packs.markLate(scope, hour, '2026-02-21T15:00:00.000Z');

      expect(await read(scope, { day: '2026-02-22' })).toEqual({ packs: [], lateAt: {} });
      expect(await read(testScope('globex'))).toEqual({ packs: [], lateAt: {} });
    });
  });
}
