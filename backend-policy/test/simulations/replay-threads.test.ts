import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { PolicyContent } from '@steward/contracts';
import { preloadCommandParser } from '@steward/policy-engine';
import type { RecordedGroup } from '../../src/simulations/action-source.ts';
import { simulate } from '../../src/simulations/replay.ts';
import { replayInThreads } from '../../src/simulations/replay-threads.ts';
import { answerDecisions, json, listen } from '../support/decision-server.ts';
import type { Answer } from '../support/decision-server.ts';
import { careful } from '../support/policy-world.ts';
import { recordedCommand } from '../support/recorded-actions.ts';
import { buildReplayProgram } from '../support/replay-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
let program: URL;
beforeAll(async () => {
  program = buildReplayProgram(folder);
  await preloadCommandParser();
});

const noGit: PolicyContent = {
  ...careful,
  approvalRules: [
    ...careful.approvalRules,
    { ruleId: 'no-git', title: 'No git', capability: 'Shell.Exec', match: { commands: ['git'] }, decision: 'deny' },
  ],
};
const span = { from: '2026-02-20T00:00:00.000Z', to: '2026-02-20T01:59:59.999Z' };
const commands = ['git status', 'git log', 'ls', 'npm install', 'cat .env'];
const recorded: RecordedGroup[] = Array.from({ length: 120 }, (_, n) =>
  recordedCommand(n * 60, n % 3 === 0 ? `git log -n ${n}` : commands[n % commands.length]!, 'allow'),
);

let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

async function auditService(answer: Answer): Promise<string> {
  const { baseUrl, close } = await listen(answer);
  closing.push(close);
  return baseUrl;
}

/** A program that does as the real one, but where the condition holds, instead of which it runs `statement`. */
function brokenProgram(name: string, condition: string, statement: string): URL {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import { workerData } from 'node:worker_threads';
if (${condition}) { ${statement} } else await import(${JSON.stringify(program.href)});`,
  );
  return pathToFileURL(file);
}

const taskOf = (policy = noGit) => ({ policy, options: {}, query: span, accessToken: 'token-of-carol' });
const never = new AbortController().signal;
const stopped = 'A part of the simulation stopped before its end, so that nothing of it counts. Start it again.';

describe('a replay in threads', () => {
  it.each([1, 2, 3])(
    'counts and shows with %d that decide what one loop does, and reads as who asked',
    async (deciding) => {
      const asked = new Set<string | undefined>();
      const answer = answerDecisions(recorded);
      const auditBaseUrl = await auditService((request, response) => {
        asked.add(request.headers.authorization);
        answer(request, response);
      });
      const told: { read?: number; replayed?: number; fraction?: number }[] = [];

      const result = await replayInThreads({ program, auditBaseUrl, deciding })(taskOf(), never, (progress) =>
        told.push(progress),
      );

      expect(result).toEqual(simulate(recorded, noGit));
      expect([...asked]).toEqual(['Bearer token-of-carol']);
      for (const name of ['read', 'replayed', 'fraction'] as const) {
        const numbers = told.flatMap((progress) => progress[name] ?? []);
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      }
      expect(Math.max(...told.map(({ replayed = 0 }) => replayed))).toBe(recorded.length);
    },
    120_000,
  );

  it.each([
    ['that reads', "workerData.role === 'read'"],
    ['that decides', "workerData.role === 'decide'"],
  ])(
    'fails as a whole when a thread %s crashes or ends',
    async (_which, condition) => {
      const auditBaseUrl = await auditService(answerDecisions(recorded));
      const crashing = brokenProgram('crashing', condition, "throw new Error('out of memory');");
      const ending = brokenProgram('ending', condition, 'process.exit(0);');

      const crashed = replayInThreads({ program: crashing, auditBaseUrl, deciding: 2 })(
        taskOf(),
        never,
        () => undefined,
      );
      await expect(crashed).rejects.toMatchObject({ code: 'INTERNAL_ERROR', message: stopped });
      const ended = replayInThreads({ program: ending, auditBaseUrl, deciding: 2 })(taskOf(), never, () => undefined);
      await expect(ended).rejects.toMatchObject({ code: 'INTERNAL_ERROR', message: stopped });
    },
    120_000,
  );

  it('says what the Audit Service says when the records may not be read', async () => {
    const refusal = { code: 'PERMISSION_DENIED', message: 'Decisions are shown to admins.', correlationId: 'c' };
    const auditBaseUrl = await auditService((_request, response) => json(response, 403, refusal));

    const replay = replayInThreads({ program, auditBaseUrl, deciding: 2 })(taskOf(), never, () => undefined);

    await expect(replay).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: 'Decisions are shown to admins.',
    });
  });

  it('stops all threads when it is cancelled, whatever they wait for', async () => {
    const cancel = new AbortController();
    let gone = (): void => undefined;
    const connectionGone = new Promise<void>((resolve) => (gone = resolve));
    const auditBaseUrl = await auditService((request) => {
      request.socket.once('close', gone);
      cancel.abort(new Error('cancelled'));
    });

    const replay = replayInThreads({ program, auditBaseUrl, deciding: 2 })(taskOf(), cancel.signal, () => undefined);

    await expect(replay).rejects.toThrow('cancelled');
    await connectionGone;
  });

  it('does not begin when it was cancelled before', async () => {
    const begun = replayInThreads({ program, auditBaseUrl: 'http://127.0.0.1:9', deciding: 1 })(
      taskOf(),
      AbortSignal.abort(new Error('cancelled')),
      () => undefined,
    );

    await expect(begun).rejects.toThrow('cancelled');
  });
});
