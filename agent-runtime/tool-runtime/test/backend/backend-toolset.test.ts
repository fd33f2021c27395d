import { afterEach, describe, expect, it } from '@jest/globals';
import { StewardError, digestOf } from '@steward/sdk';
import type { BackendTools } from '@steward/tool-port';
import { createFixture, type Fixture } from '../fixture.ts';

const fixtures: Fixture[] = [];
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.remove();
});

const definition = (name: string, description = 'Says it again') => {
  const inputSchema = {
    type: 'object',
    required: ['text'],
    additionalProperties: false,
    properties: { text: { type: 'string', maxLength: 100 } },
  };
  return { name, description, inputSchema, digest: digestOf({ name, description, inputSchema }) };
};

function make(service: Partial<BackendTools> = {}) {
  const calls: Parameters<BackendTools['invoke']>[0][] = [];
  const backendTools: BackendTools = {
    list: async () => [definition('text.echo'), definition('text.other')],
    invoke: async (call) => {
      calls.push(call);
      return { status: 'succeeded', outputText: String(call.arguments['text']) };
    },
    ...service,
  };
  const fixture = createFixture({ backendTools, limits: { egressSentBytes: 60 } });
  fixtures.push(fixture);
  return { ...fixture, calls };
}
const handOn = (toolName: string, validMs: number): string => `grant for ${toolName}, ${validMs} ms`;

describe('Tools of the Backend Tool Service', () => {
  it('are offered where they are granted, and a call carries its own grant and the definition that was shown', async () => {
    const { runtime, run, calls } = make();

    const problems = await runtime.connectBackendTools((name) => name === 'backend/text.echo');
    const outcome = await run('backend/text.echo', { text: 'hi' }, { handOn });
    const other = await run('backend/text.other', { text: 'hi' }, { handOn });

    expect(problems).toEqual([]);
    expect(runtime.list().at(-1)).toMatchObject({ name: 'backend/text.echo', capability: 'BackendTool.Invoke' });
    expect(outcome).toMatchObject({
      status: 'succeeded',
      outputText: 'hi',
      provenance: { source: 'remote_tool', trust: 'untrusted', detail: 'backend/text.echo' },
    });
    expect(other.error?.code).toBe('TOOL_NOT_FOUND');
    expect(calls).toEqual([
      {
        toolName: 'text.echo',
        arguments: { text: 'hi' },
        grant: 'grant for backend/text.echo, 120000 ms',
        digest: definition('text.echo').digest,
      },
    ]);
  });

  it('are not called without a grant, with wrong arguments, with a secret or beyond what the session may send', async () => {
    const { runtime, run, calls } = make();
    await runtime.connectBackendTools(() => true);
    const secret = ['AKIA', 'QYLPMN5HHHFPZAM2'].join('');

    const outcomes = [
      await run('backend/text.echo', { text: 'hi' }),
      await run('backend/text.echo', { text: 1 }, { handOn }),
      await run('backend/text.echo', { text: secret }, { handOn }),
      await run('backend/text.echo', { text: 'x'.repeat(60) }, { handOn }),
    ];

    expect(calls).toEqual([]);
    expect(outcomes.map(({ error }) => [error?.code, error?.details?.['reasonCodes']])).toEqual([
      ['CAPABILITY_DENIED', ['grant_missing']],
      ['INVALID_REQUEST', undefined],
      ['CAPABILITY_DENIED', ['SECRET_IN_REQUEST']],
      ['CAPABILITY_DENIED', ['EGRESS_LIMIT_REACHED']],
    ]);
    expect(JSON.stringify(outcomes)).not.toContain(secret);
  });

  it('tell the refusal of the service, and what can not be listed is said and hinders nothing', async () => {
    const refusing = make({
      invoke: () => Promise.reject(new StewardError('KILL_SWITCH_ACTIVE', 'An admin has stopped external actions.')),
    });
    const silent = make({ list: () => Promise.reject(new StewardError('SERVICE_UNAVAILABLE', 'It is busy.')) });
    const odd = make({ list: async () => [definition('../admin'), definition('text.echo')] });
    await refusing.runtime.connectBackendTools(() => true);

    const outcome = await refusing.run('backend/text.echo', { text: 'hi' }, { handOn });
    const problems = [
      await silent.runtime.connectBackendTools(() => true),
      await odd.runtime.connectBackendTools(() => true),
    ];

    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'KILL_SWITCH_ACTIVE' } });
    expect(problems).toEqual([
      [{ server: 'backend', reason: 'It is busy.' }],
      [{ server: 'backend', reason: 'a tool has a name that is not allowed' }],
    ]);
    expect(odd.runtime.list().map(({ name }) => name)).toContain('backend/text.echo');
  });

  it('keep their name: no server of the bundle may take it', async () => {
    const { runtime, walls } = make();

    const problems = await runtime.connectRemoteTools(
      [{ name: 'backend', transport: 'http', url: 'http://127.0.0.1:1/mcp' }],
      walls,
    );

    expect(problems).toMatchObject([{ server: 'backend', reason: expect.stringContaining('its name belongs to') }]);
  });
});
