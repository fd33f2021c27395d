import { describe, expect, it } from '@jest/globals';
import type { PolicyContent, PolicyProblem, PolicyVersion } from '@steward/contracts';
import type { HostCallName, HostCalls } from '@steward/desktop-host/contract';
import { HostCallError } from '../../../src/host-client.ts';
import { DraftEditing } from '../../../src/views/policy/draft-editing.ts';
import { toText } from '../../../src/views/policy/policy-content.ts';

const content: PolicyContent = {
  name: 'Careful developer',
  zone: 'supervised',
  capabilities: [{ name: 'Shell.Exec', allowedCommands: ['npm test'], requiresApproval: false }],
  llmPolicy: { allowedModels: ['demo-1'], maxInputTokens: 1000, maxOutputTokens: 1000, maxSessionTokens: 10_000 },
  approvalRules: [],
  redactionRules: [],
  mcpServers: [],
  offlineGraceSeconds: 60,
};
const stored: PolicyVersion = {
  version: 3,
  status: 'draft',
  revision: 1,
  content,
  createdAt: '2026-11-21T08:00:00.000Z',
  createdBy: 'carol',
  updatedAt: '2026-11-21T08:00:00.000Z',
};
const renamed = { ...content, name: 'Stricter' };

/** A Policy Service that keeps one draft, and a clock that goes on only when told. */
class Bench {
  draft: PolicyVersion = stored;
  problems: PolicyProblem[] = [];
  readonly calls: HostCallName[] = [];
  readonly #timers = new Set<() => void>();
  readonly editing = new DraftEditing(stored, {
    host: { call: (name, params) => this.#answer(name, params) },
    after: (_ms, run) => {
      this.#timers.add(run);
      return () => this.#timers.delete(run);
    },
  });

  /** Lets every running delay end, and everything that follows from it. */
  async passTime(): Promise<void> {
    const due = [...this.#timers];
    this.#timers.clear();
    for (const run of due) run();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }

  async #answer<K extends HostCallName>(name: K, params: HostCalls[K]['params']): Promise<HostCalls[K]['result']> {
    this.calls.push(name);
    if (name === 'validatePolicy')
      return { valid: this.problems.length === 0, problems: this.problems } as HostCalls[K]['result'];
    const update = params as HostCalls['updatePolicyDraft']['params'];
    if (update.revision !== this.draft.revision)
      throw new HostCallError({
        code: 'CONFLICT',
        message: 'The draft was changed meanwhile.',
        retryable: false,
        details: { current: this.draft },
      });
    this.draft = { ...this.draft, content: update.content, revision: this.draft.revision + 1, updatedBy: 'carol' };
    return this.draft as HostCalls[K]['result'];
  }
}

describe('editing a policy draft', () => {
  it('stores a change once it has been found valid', async () => {
    const bench = new Bench();

    bench.editing.write(toText(renamed));
    await bench.passTime();

    expect(bench.draft).toEqual({ ...stored, content: renamed, revision: 2, updatedBy: 'carol' });
    expect(bench.editing.getState()).toEqual({
      text: toText(renamed),
      stored: bench.draft,
      problems: [],
      phase: 'saved',
      theirs: null,
      error: null,
    });
  });

  it('asks once for several quick changes', async () => {
    const bench = new Bench();

    bench.editing.write('{');
    bench.editing.write('{"name"');
    bench.editing.write(toText(renamed));
    await bench.passTime();

    expect(bench.calls).toEqual(['validatePolicy', 'updatePolicyDraft']);
  });

  it('shows what is wrong and stores nothing', async () => {
    const bench = new Bench();
    bench.problems = [{ path: '/zone', line: 3, reason: 'The zone is unknown.', remedy: 'Use supervised.' }];

    bench.editing.write(toText(renamed));
    await bench.passTime();

    expect(bench.draft).toEqual(stored);
    expect(bench.editing.getState()).toMatchObject({ problems: bench.problems, phase: 'unsaved' });
  });

  it('keeps both texts when somebody else stored first, and stores nothing until one is taken', async () => {
    const bench = new Bench();
    const theirs = { ...stored, revision: 2, content: { ...content, name: 'Theirs' }, updatedBy: 'mallory' };
    bench.draft = theirs;

    bench.editing.write(toText(renamed));
    await bench.passTime();
    bench.editing.write(toText({ ...renamed, offlineGraceSeconds: 0 }));
    await bench.passTime();

    expect(bench.draft).toEqual(theirs);
    expect(bench.editing.getState()).toMatchObject({
      text: toText({ ...renamed, offlineGraceSeconds: 0 }),
      theirs,
    });
  });

  it('takes theirs on request', async () => {
    const bench = new Bench();
    bench.draft = { ...stored, revision: 2, content: { ...content, name: 'Theirs' } };
    bench.editing.write(toText(renamed));
    await bench.passTime();

    bench.editing.takeTheirs();

    expect(bench.editing.getState()).toMatchObject({
      text: toText({ ...content, name: 'Theirs' }),
      stored: bench.draft,
      theirs: null,
      phase: 'saved',
    });
  });

  it('stores over theirs on request', async () => {
    const bench = new Bench();
    bench.draft = { ...stored, revision: 2, content: { ...content, name: 'Theirs' } };
    bench.editing.write(toText(renamed));
    await bench.passTime();

    await bench.editing.keepMine();

    expect(bench.draft).toMatchObject({ revision: 3, content: renamed });
    expect(bench.editing.getState()).toMatchObject({ phase: 'saved', theirs: null });
  });

  it('does nothing more after it was disposed of', async () => {
    const bench = new Bench();
    bench.editing.write(toText(renamed));

    bench.editing.dispose();
    await bench.passTime();

    expect(bench.calls).toEqual([]);
  });
});
