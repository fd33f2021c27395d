import { describe, expect, it } from '@jest/globals';
import type { EffectIntent } from '@steward/tool-port';
import { firstPreImages, stateOf } from '../../src/patch/file-return.ts';

const intent = (rest: Partial<EffectIntent>): EffectIntent => ({
  toolCallId: 'tc_1',
  taskId: 'task_1',
  toolName: 'WriteFile',
  ...rest,
});

describe('how files return', () => {
  it('is to what each held before the first effect, from what the last one left', () => {
    const command = intent({ toolName: 'RunCommand' });
    const effects = [
      intent({ target: '/p/a', preImageHash: 'sha256:a0', expectedHash: 'sha256:a1', mode: 0o644 }),
      command,
      intent({ target: '/p/b', preImageHash: 'absent', expectedHash: 'sha256:b1' }),
      intent({ target: '/p/a', preImageHash: 'sha256:a1', expectedHash: 'sha256:a2', mode: 0o600 }),
    ];

    expect(firstPreImages(effects)).toEqual({
      files: [
        { target: '/p/a', to: 'sha256:a0', from: 'sha256:a2', mode: 0o644 },
        { target: '/p/b', to: 'absent', from: 'sha256:b1' },
      ],
      rest: [command],
    });
  });

  it('starts from nothing certain where the last effect left something unknown', () => {
    const effects = [
      intent({ target: '/p/a', preImageHash: 'sha256:a0', expectedHash: 'sha256:a1' }),
      intent({ target: '/p/a', preImageHash: 'sha256:a1' }),
    ];

    expect(firstPreImages(effects).files).toEqual([{ target: '/p/a', to: 'sha256:a0' }]);
  });

  it.each([
    [
      'restores a file that is as we left it',
      { to: 'sha256:a0', from: 'sha256:a1' },
      'sha256:a1',
      true,
      'restore',
      'ready',
    ],
    ['recreates a file that we deleted', { to: 'sha256:a0', from: 'absent' }, 'absent', true, 'recreate', 'ready'],
    ['removes a file that we made', { to: 'absent', from: 'sha256:a1' }, 'sha256:a1', true, 'remove', 'ready'],
    ['has nothing to do where the file is back', { to: 'sha256:a0' }, 'sha256:a0', true, 'restore', 'already'],
    [
      'sees what someone else did',
      { to: 'sha256:a0', from: 'sha256:a1' },
      'sha256:zz',
      true,
      'restore',
      'changed_since',
    ],
    [
      'trusts no file that can’t be read',
      { to: 'sha256:a0', from: 'sha256:a1' },
      undefined,
      true,
      'restore',
      'changed_since',
    ],
    [
      'says when the content is gone',
      { to: 'sha256:a0', from: 'sha256:a1' },
      'sha256:a1',
      false,
      'restore',
      'content_gone',
    ],
  ] as const)('%s', (_name, file, now, kept, action, state) => {
    expect(stateOf(file, now, kept)).toEqual({ action, state });
  });
});
