import { describe, expect, it } from '@jest/globals';
import { formatRoute, outOf, parseRoute } from '../../src/state/route.ts';
import type { Route } from '../../src/state/route.ts';

const policyList: Route = { view: 'policy', version: null, tab: 'edit', history: false };
const routes: readonly (readonly [string, Route])[] = [
  ['#/', { view: 'conversations' }],
  ['#/history/ws_1/sess_1', { view: 'history', workspaceId: 'ws_1', sessionId: 'sess_1' }],
  ['#/policy', policyList],
  ['#/policy/history', { ...policyList, history: true }],
  ['#/policy/7', { ...policyList, version: 7 }],
  ['#/policy/7/changes', { ...policyList, version: 7, tab: 'changes' }],
  ['#/policy/7/simulate', { ...policyList, version: 7, tab: 'simulate' }],
];

describe('the address of a view', () => {
  it.each(routes)('%s names its view and is named by it', (address, route) => {
    expect(parseRoute(address)).toEqual(route);
    expect(formatRoute(route)).toBe(address);
  });

  it.each(['#/policy/-1', '#/policy/x', '#/policy/0', '#/policy/%ff'])('%s is the list of policies', (address) => {
    expect(parseRoute(address)).toEqual(policyList);
  });

  it('leads from a policy to the list, and from the list to the conversations', () => {
    expect(outOf({ ...policyList, version: 7, tab: 'simulate' })).toEqual(policyList);
    expect(outOf(policyList)).toEqual({ view: 'conversations' });
  });
});
