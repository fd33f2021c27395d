import { describe, expect, it } from '@jest/globals';
import { diskCampaign } from '../src/index.ts';

describe('a journal on a disk that fails', () => {
  it('loses nothing confirmed, is never wrong, and lets no effect happen before its intent is on the disk', async () => {
    const { operations, faults, deaths, pauses, failures } = await diskCampaign({ from: 1, count: 520 });

    expect(failures).toEqual([]);
    expect(operations).toBeGreaterThan(40);
    expect(faults).toBeGreaterThanOrEqual(500);
    expect(deaths).toBeGreaterThan(100);
    expect(pauses).toBeGreaterThan(100);
  });

  it('gives the same for the same seeds', async () => {
    const first = await diskCampaign({ from: 40, count: 30 });
    const second = await diskCampaign({ from: 40, count: 30 });

    expect(second).toEqual(first);
  });
});
