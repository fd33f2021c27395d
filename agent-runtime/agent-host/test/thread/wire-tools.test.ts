import { describe, expect, it } from '@jest/globals';
import type { ToolDescriptor } from '@steward/contracts';
import { fromWireName, toWireName, toWireTools } from '../../src/thread/wire-tools.ts';

const tool = (name: string): ToolDescriptor => ({
  name,
  capability: 'BackendTool.Invoke',
  description: `Does ${name}`,
  inputSchema: { type: 'object' },
  sideEffect: true,
  reversible: false,
  timeoutSeconds: 120,
});

describe('the names of tools in requests', () => {
  it('are ones that every gateway takes, and lead back to the tool', () => {
    const tools = [tool('ReadFile'), tool('local/echo'), tool('backend/text.diff'), tool(`local/${'x'.repeat(120)}`)];

    const wire = tools.map(({ name }) => toWireName(name));

    expect(wire.every((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name))).toBe(true);
    expect(wire.map((name) => fromWireName(name, tools))).toEqual(tools.map(({ name }) => name));
  });

  it('stand for one tool each: of two with the same name on the wire the first is offered', () => {
    const tools = [tool('local/a.b'), tool('local/a-b')];

    const offered = JSON.parse(toWireTools(tools)) as { function: { name: string; description: string } }[];

    expect(offered.map(({ function: { name, description } }) => [name, description])).toEqual([
      ['local__a-b', 'Does local/a.b'],
    ]);
  });
});
