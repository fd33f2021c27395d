import { describe, expect, test } from '@jest/globals';
import type { Bom, BomComponent } from '../../src/supply-chain/bom.ts';
import { licencesOf, licenceViolations, unusedExceptions } from '../../src/supply-chain/licences.ts';
import { noticesText } from '../../src/supply-chain/notices.ts';

const component = (name: string, licences: BomComponent['licenses'], group?: string): BomComponent => ({
  'bom-ref': name,
  name,
  version: '1.0.0',
  ...(group === undefined ? {} : { group }),
  ...(licences === undefined ? {} : { licenses: licences }),
});
const bomOf = (...components: BomComponent[]): Bom => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: {},
  components,
});
const policy = { allowed: ['MIT', 'Apache-2.0'], exceptions: [] };

describe('licences of what ships', () => {
  test('are read from ids, expressions and names, in the order of the packages, without our own', () => {
    const bom = bomOf(
      component('zed', [{ license: { id: 'MIT' } }]),
      component('contracts', [{ license: { id: 'Apache-2.0' } }], '@steward'),
      component('both', [{ license: { id: 'MIT' } }, { license: { name: 'Ours' } }], '@scope'),
      component('none', undefined),
      component('either', [{ expression: '(MIT OR GPL-3.0-only)' }]),
    );

    const entries = licencesOf(bom);

    expect(entries).toEqual([
      { package: '@scope/both', version: '1.0.0', licence: 'MIT AND Ours' },
      { package: 'either', version: '1.0.0', licence: '(MIT OR GPL-3.0-only)' },
      { package: 'none', version: '1.0.0', licence: 'unknown' },
      { package: 'zed', version: '1.0.0', licence: 'MIT' },
    ]);
  });

  test.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['MIT AND Apache-2.0', true],
    ['MIT AND GPL-3.0-only', false],
    ['GPL-3.0-only', false],
    ['LGPL-2.1-or-later', false],
    ['Apache-2.0 WITH LLVM-exception', false],
    ['UNLICENSED', false],
    ['SEE LICENSE IN LICENSE', false],
    ['unknown', false],
  ])('%s is allowed: %s', (licence, allowed) => {
    const violations = licenceViolations([{ package: 'a', version: '2.0.0', licence }], policy);

    expect(violations).toEqual(allowed ? [] : [`a@2.0.0: ${licence} is not on the list of allowed licences.`]);
  });

  test('an exception holds for its package and licence only, and is named when nothing needs it', () => {
    const withException = {
      ...policy,
      exceptions: [{ package: 'a', licence: 'MPL-2.0', reason: 'Used as it is.' }],
    };
    const entry = { package: 'a', version: '1.0.0', licence: 'MPL-2.0' };
    const other = { ...entry, package: 'b' };

    const judged = {
      violations: licenceViolations([entry, other], withException),
      unused: unusedExceptions([entry, other], withException),
      unusedWithoutIt: unusedExceptions([other], withException),
    };

    expect(judged).toEqual({
      violations: ['b@1.0.0: MPL-2.0 is not on the list of allowed licences.'],
      unused: [],
      unusedWithoutIt: ['a: its licence exception is not needed any more; remove it.'],
    });
  });

  test('notices carry equal texts once and say where a package brings none', () => {
    const text = noticesText([
      { title: 'a@1.0.0', licence: 'MIT', texts: ['Be kind.'] },
      { title: 'b@1.0.0', licence: 'MIT', texts: ['Be kind.'] },
      { title: 'c@1.0.0', licence: 'ISC', texts: [] },
    ]);

    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('--'))).toEqual([
      'Steward contains the following third-party software.',
      'a@1.0.0 (MIT)',
      'b@1.0.0 (MIT)',
      'Be kind.',
      'c@1.0.0 (ISC)',
      'Licensed under ISC; the package carries no licence text.',
    ]);
  });
});
