import { describe, expect, it } from '@jest/globals';
import { generate } from '../fuzz/grammar.ts';
import { randomFrom } from '../fuzz/random.ts';
import { fuzz } from '../fuzz/run.ts';
import { runInSandbox } from '../fuzz/sandbox.ts';

describe('the differential fuzz', () => {
  it('finds no command that the engine allows and that touches a canary when bash runs it', async () => {
    const result = await fuzz({ count: 1500, seed: 20_260_221, corpus: ['cat src/x.ts | head -1', 'cp a.txt sub'] });

    expect(result.disagreements).toEqual([]);
    expect(result.executed).toBeGreaterThan(90);
    expect(result.allowed + result.asked + result.denied).toBe(1500);
  });

  it('would notice: every kind of canary tells when it is touched', async () => {
    const touches = await runInSandbox([
      'evil',
      'cat /outside/secret',
      'cat secrets/token',
      'cp ../other copied.txt',
      'echo x > /outside/target',
      'echo x > .git/hooks/pre-commit',
      'rm -rf ~',
      'touch /tmp/x',
      'cat a.txt > out.txt',
      'git init',
    ]);

    expect(touches).toEqual([
      { command: 'evil', what: 'started evil' },
      { command: 'cat /outside/secret', what: 'showed a secret' },
      { command: 'cat secrets/token', what: 'showed a secret' },
      { command: 'cp ../other copied.txt', what: 'copied a secret' },
      { command: 'echo x > /outside/target', what: 'changed something outside' },
      { command: 'echo x > .git/hooks/pre-commit', what: 'changed something outside' },
      { command: 'rm -rf ~', what: 'changed something outside' },
      { command: 'touch /tmp/x', what: 'changed something outside' },
    ]);
  });

  it('makes the same commands of the same seed', () => {
    const commands = (seed: number) => {
      const random = randomFrom(seed);
      return Array.from({ length: 50 }, () => generate(random));
    };

    expect(commands(7)).toEqual(commands(7));
    expect(commands(7)).not.toEqual(commands(8));
  });
});
