import * as files from 'node:fs/promises';
import { faultPoints } from './fault-points.ts';
import { placeOf } from './places.ts';

type Loose = (...args: unknown[]) => Promise<unknown>;

const changing = ['writeFile', 'appendFile', 'rename', 'rm', 'unlink', 'mkdir', 'open'] as const;

/** `node:fs/promises` as one file of the product sees it: every operation that changes something is a point. */
export function instrumentFilePromises(site: string): Record<string, Loose> {
  const wrap =
    (operation: (typeof changing)[number]): Loose =>
    async (...args) => {
      const target = operation === 'rename' ? args[1] : args[0];
      const name = `${operation} ${placeOf(typeof target === 'string' ? target : '')} (${site})`;
      faultPoints.pass(name, 'before');
      const result = await (files[operation] as unknown as Loose)(...args);
      faultPoints.pass(name, 'after');
      return result;
    };
  return Object.fromEntries(changing.map((operation) => [operation, wrap(operation)]));
}
