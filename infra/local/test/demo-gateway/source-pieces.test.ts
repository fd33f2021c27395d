import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { renameIdentifier } from '../../src/demo-gateway/rename-identifier.ts';
import { splitSource } from '../../src/demo-gateway/source-pieces.ts';

const sourceText = fc
  .array(
    fc.constantFrom(
      'add',
      ' ',
      '"',
      "'",
      '`',
      '${',
      '}',
      '{',
      '/',
      '*',
      '//',
      '/*',
      '*/',
      '\n',
      '\\',
      '=',
      '(',
      ')',
      '.',
      'x',
    ),
  )
  .map((parts) => parts.join(''));

describe('splitting a source', () => {
  it('loses and invents nothing, whatever the text', () => {
    fc.assert(
      fc.property(sourceText, (source) => {
        expect(
          splitSource(source)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(source);
      }),
    );
  });
});

describe('renaming an identifier', () => {
  it('is undone by the reverse renaming, whatever the text', () => {
    fc.assert(
      fc.property(sourceText, (source) => {
        const { content } = renameIdentifier(source, 'add', 'sum');
        expect(renameIdentifier(content, 'sum', 'add').content).toBe(source);
      }),
    );
  });

  it.each([
    ['add(addAll, padd, add$, $add, add)', 'sum(addAll, padd, add$, $add, sum)'],
    ['const x = /add/.test("add") ? add : 1;', 'const x = /add/.test("add") ? sum : 1;'],
    ['list.add(1); a?.add(2); [...add]', 'list.add(1); a?.add(2); [...sum]'],
    ["const m = require('./m'); m.add(1)", "const m = require('./m'); m.sum(1)"],
    ['module.exports = { add: add };', 'module.exports = { sum: sum };'],
    ['const options = { add: 1 };', 'const options = { add: 1 };'],
    ["describe('add', () => {}); emit('add');", "describe('sum', () => {}); emit('add');"],
    ['// call add() or `add`, to add two', '// call sum() or `sum`, to add two'],
    ['`add ${ `${add}` } add`', '`add ${ `${sum}` } add`'],
  ])('turns %s into %s', (before, after) => {
    const { content } = renameIdentifier(before, 'add', 'sum');

    expect(content).toBe(after);
  });
});
