import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PolicyBundle, Provenance } from '@steward/contracts';
import { TestHost, callsOf } from '../support/test-host.ts';

type Rules = NonNullable<PolicyBundle['afterReading']>;

const capabilities: PolicyBundle['capabilities'] = [
  { name: 'LLM.Call', allowedModels: ['*'], requiresApproval: false },
  { name: 'File.Read', allowedPaths: ['${workspace}'], requiresApproval: false },
  { name: 'File.Write', allowedPaths: ['${workspace}', '/elsewhere'], requiresApproval: false },
  { name: 'Network.Http', allowedDomains: ['example.com'], requiresApproval: false },
];
const send = { name: 'HttpRequest', arguments: { method: 'GET', url: 'https://example.com/' } };
const writeOutside = { name: 'WriteFile', arguments: { path: '/elsewhere/a.txt', content: 'x' } };
const writeInside = { name: 'WriteFile', arguments: { path: '/project/a.txt', content: 'x' } };

describe('the tool gate after content was read', () => {
  let host: TestHost;
  beforeEach(() => {
    host = new TestHost();
  });
  afterEach(() => host.close());

  /** Reads a file of this provenance, then makes the call; the answer is what the gate decided about the call. */
  async function readThen(
    call: { name: string; arguments: unknown },
    trust: Provenance['trust'],
    afterReading: Rules,
  ): Promise<unknown> {
    host.backend.bundle = { zone: 'sandbox', capabilities, afterReading };
    host.tools.behaviour = ({ toolName }) => ({
      outputText: 'content',
      ...(toolName === 'ReadFile' ? { provenance: { source: 'repository_file', trust } } : {}),
    });
    host.model.next = (index) =>
      index === 0
        ? callsOf({ name: 'ReadFile', arguments: { path: '/project/notes.md' } })
        : index === 1
          ? callsOf(call)
          : { text: 'Done.', toolCalls: [], finishReason: 'stop' };
    await host.open();
    const taskId = await host.start('Do it', { approvalMode: 'on_risky_actions' });
    const decided = await host.event(
      ({ eventType, payload }) =>
        eventType === 'decision_recorded' && (payload['recorded'] as { toolName: string }).toolName === call.name,
    );
    const { decision, reasonCodes, remedy } = decided.payload['decision'] as Record<string, unknown>;
    if (decision === 'require_approval') await host.event('approval_requested');
    else await host.ended(taskId);
    return { decision, reasonCodes, remedy, ran: host.log.includes(`execute ${call.name}`) };
  }

  const rule = (
    trust: 'untrusted' | 'secret',
    action: 'egress' | 'outside_write',
    decision: 'require_approval' | 'deny',
  ) => [{ trust, action, decision }];

  it.each([
    ['egress after untrusted content asks', send, 'untrusted', rule('untrusted', 'egress', 'require_approval')],
    [
      'a write outside after untrusted content asks',
      writeOutside,
      'untrusted',
      rule('untrusted', 'outside_write', 'require_approval'),
    ],
  ] as const)('%s', async (_, call, trust, rules) => {
    expect(await readThen(call, trust, [...rules])).toEqual({
      decision: 'require_approval',
      reasonCodes: ['AFTER_UNTRUSTED_CONTENT'],
      remedy: expect.stringMatching(/\S/),
      ran: false,
    });
  });

  it.each([
    ['egress after secret content is denied', send, rule('secret', 'egress', 'deny')],
    ['a write outside after secret content is denied', writeOutside, rule('secret', 'outside_write', 'deny')],
  ] as const)('%s, and the model is told what would have to change', async (_, call, rules) => {
    const answer = await readThen(call, 'secret', [...rules]);

    const ended = host.events.findLast(({ eventType }) => eventType === 'tool_completed');
    const { error, decision } = ended!.payload as {
      error: { code: string; message: string };
      decision: { remedy: string };
    };
    expect(answer).toEqual({
      decision: 'deny',
      reasonCodes: ['AFTER_SECRET_CONTENT'],
      remedy: decision.remedy,
      ran: false,
    });
    expect({ code: error.code, says: error.message.endsWith(decision.remedy) }).toEqual({
      code: 'CAPABILITY_DENIED',
      says: true,
    });
  });

  it.each([
    ['egress after trusted content', send, 'trusted', rule('untrusted', 'egress', 'deny')],
    ['egress after untrusted content where only secrets count', send, 'untrusted', rule('secret', 'egress', 'deny')],
    ['a write inside the project', writeInside, 'untrusted', rule('untrusted', 'outside_write', 'deny')],
  ] as const)('%s goes on', async (_, call, trust, rules) => {
    expect(await readThen(call, trust, [...rules])).toMatchObject({ decision: 'allow', ran: true });
  });
});
