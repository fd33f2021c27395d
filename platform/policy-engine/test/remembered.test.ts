import { describe, expect, test } from '@jest/globals';
import { remembered, rememberedLists } from '../src/remembered.ts';

describe('what is prepared once', () => {
  test('a text is prepared the first time only, undefined included', () => {
    const prepared: string[] = [];
    const read = remembered((text) => void prepared.push(text));

    const answers = [read('a'), read('a'), read('b')];

    expect({ answers, prepared }).toEqual({ answers: [undefined, undefined, undefined], prepared: ['a', 'b'] });
  });

  test('what is kept is bounded in number and in length', () => {
    const prepared: string[] = [];
    const read = remembered((text) => prepared.push(text), { most: 2, longest: 3 });

    for (const text of ['a', 'b', 'c', 'a', 'long', 'long']) read(text);

    expect(prepared).toEqual(['a', 'b', 'c', 'a', 'long', 'long']);
  });

  test('a list that changed is prepared again, an unchanged one per key', () => {
    const read = rememberedLists((list, key: string) => `${key}:${list.join()}`);
    const list = ['rm'];
    const before = [read(list, 'x'), read(list, 'y')];
    list[0] = 'rm -rf';

    const after = read(list, 'x');

    expect({ before, after }).toEqual({ before: ['x:rm', 'y:rm'], after: 'x:rm -rf' });
  });
});
