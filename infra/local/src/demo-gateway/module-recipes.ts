/** A module the demo model knows by heart. */
export interface ModuleRecipe {
  readonly name: string;
  /** One sentence for the doc comment and the summary. */
  readonly summary: string;
  /** Parameters with their TypeScript types. */
  readonly parameters: readonly (readonly [name: string, type: string])[];
  readonly returns: string;
  /** Generic parameters, for example `<T>`. */
  readonly generics?: string;
  /** Body lines, valid in JavaScript and TypeScript. */
  readonly body: readonly string[];
  /** Test title, arguments and expected value, the latter two as source. */
  readonly cases: readonly (readonly [title: string, argumentsSource: string, expectedSource: string])[];
}

/** The modules, in the order in which they are offered. */
export const MODULE_RECIPES: readonly ModuleRecipe[] = [
  {
    name: 'slugify',
    summary: 'turns a title into lower-case words joined by hyphens, for use in a URL',
    parameters: [['text', 'string']],
    returns: 'string',
    body: [
      'return text',
      "  .normalize('NFKD')",
      "  .replace(/[\\u0300-\\u036f]/g, '')",
      '  .toLowerCase()',
      "  .replace(/[^a-z0-9]+/g, '-')",
      "  .replace(/^-+|-+$/g, '');",
    ],
    cases: [
      ['joins words by hyphens', "'Hello World'", "'hello-world'"],
      ['drops accents and punctuation', "'  Crème brûlée, please! '", "'creme-brulee-please'"],
      ['keeps numbers', "'Top 10 of 2026'", "'top-10-of-2026'"],
      ['gives nothing for nothing', "'  !? '", "''"],
    ],
  },
  {
    name: 'clamp',
    summary: 'keeps a number between a lower and an upper bound',
    parameters: [
      ['value', 'number'],
      ['lower', 'number'],
      ['upper', 'number'],
    ],
    returns: 'number',
    body: ['return Math.min(Math.max(value, lower), upper);'],
    cases: [
      ['keeps a value inside the bounds', '5, 0, 10', '5'],
      ['raises a value to the lower bound', '-3, 0, 10', '0'],
      ['lowers a value to the upper bound', '42, 0, 10', '10'],
    ],
  },
  {
    name: 'chunk',
    summary: 'splits a list into lists of at most the given size',
    generics: '<T>',
    parameters: [
      ['items', 'readonly T[]'],
      ['size', 'number'],
    ],
    returns: 'T[][]',
    body: [
      "if (!Number.isInteger(size) || size < 1) throw new RangeError('size must be a positive integer');",
      'return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>',
      '  items.slice(index * size, (index + 1) * size),',
      ');',
    ],
    cases: [
      ['keeps the rest in a shorter list', '[1, 2, 3, 4, 5], 2', '[[1, 2], [3, 4], [5]]'],
      ['gives no lists for an empty list', '[], 3', '[]'],
    ],
  },
  {
    name: 'median',
    summary: 'finds the middle of a list of numbers',
    parameters: [['numbers', 'readonly number[]']],
    returns: 'number',
    body: [
      "if (numbers.length === 0) throw new RangeError('the list must not be empty');",
      'const sorted = [...numbers].sort((a, b) => a - b);',
      'const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);',
      'return middle.reduce((sum, value) => sum + value, 0) / middle.length;',
    ],
    cases: [
      ['takes the middle of an odd count', '[3, 1, 2]', '2'],
      ['averages the two middles of an even count', '[4, 1, 3, 2]', '2.5'],
    ],
  },
  {
    name: 'capitalize',
    summary: 'makes the first letter of a text upper case',
    parameters: [['text', 'string']],
    returns: 'string',
    body: ['return text.slice(0, 1).toUpperCase() + text.slice(1);'],
    cases: [
      ['raises the first letter', "'steward'", "'Steward'"],
      ['leaves an empty text alone', "''", "''"],
    ],
  },
  {
    name: 'isPalindrome',
    summary: 'says whether a text reads the same in both directions, letters and digits only',
    parameters: [['text', 'string']],
    returns: 'boolean',
    body: [
      "const letters = [...text.toLowerCase().replace(/[^\\p{L}\\p{N}]/gu, '')];",
      "return letters.join('') === [...letters].reverse().join('');",
    ],
    cases: [
      ['ignores case, spaces and punctuation', "'A man, a plan, a canal: Panama'", 'true'],
      ['says no to other texts', "'steward'", 'false'],
    ],
  },
];
