import type { ReceivedRequest, Turn } from '../../../app/test/support/scripted-gateway.ts';

/** One task of the scripted model: what it does in each step, and what can be counted afterwards. */
export interface Scenario {
  readonly name: string;
  readonly prompt: string;
  readonly files: Readonly<Record<string, string>>;
  readonly turns: readonly Turn[];
  /** Effects that happen outside of files that Steward writes; each must happen once. */
  readonly tokens: readonly string[];
}

const longText = (subject: string): string =>
  Array.from({ length: 12 }, (_, index) => `Sentence ${index + 1} about ${subject}.`).join(' ');

const call = (name: string, args: unknown): { name: string; arguments: unknown } => ({ name, arguments: args });
const note = (token: string): { name: string; arguments: unknown } =>
  call('RunCommand', { command: `echo ${token} >> effects.log` });

/** The tasks that the harness runs; each touches the disk, programs and the network in another order. */
export function scenarios(effectsUrl: string): readonly Scenario[] {
  const post = (token: string): { name: string; arguments: unknown } =>
    call('HttpRequest', { method: 'POST', url: effectsUrl, body: token });
  return [
    {
      name: 'files',
      prompt: 'Bring the notes up to date.',
      files: { 'notes.txt': 'alpha\nbeta\ngamma\n', 'old.txt': 'to be removed\n' },
      turns: [
        {
          text: longText('reading'),
          calls: [call('ReadFile', { path: 'notes.txt' }), call('ListDirectory', { path: '.' })],
        },
        {
          calls: [
            call('WriteFile', { path: 'made/first.txt', content: 'first\n' }),
            call('EditFile', { path: 'notes.txt', oldText: 'beta', newText: 'BETA' }),
          ],
        },
        {
          calls: [
            call('WriteFile', { path: 'both.txt', content: 'one two\n' }),
            call('EditFile', { path: 'both.txt', oldText: 'two', newText: 'TWO' }),
            note('files-command'),
          ],
        },
        { text: 'I delete the old file.', calls: [call('DeleteFile', { path: 'old.txt' })] },
        { calls: [call('EditFile', { path: 'notes.txt', oldText: 'not there', newText: 'x' })] },
        { calls: [call('WriteFile', { path: 'long.txt', content: 'a line of a long file\n'.repeat(600) })] },
        { text: longText('the end') },
      ],
      tokens: ['files-command'],
    },
    {
      name: 'commands',
      prompt: 'Run what has to run.',
      files: { 'notes.txt': 'alpha\n' },
      turns: [
        { text: 'First a command.', calls: [note('command-one')] },
        { calls: [call('RunCommand', { command: 'seq 1 4000; echo command-two >> effects.log' })] },
        { text: longText('commands'), calls: [note('command-three'), call('ReadFile', { path: 'notes.txt' })] },
        // One grandchild leaves its group and its session, as a daemon would, and outlives every run unless it is killed.
        {
          calls: [
            call('RunCommand', { command: '(setsid sleep 900 &); sleep 0.05; echo command-four >> effects.log' }),
          ],
        },
        {
          calls: [call('RunCommand', { command: 'false' }), call('WriteFile', { path: 'made.txt', content: 'made\n' })],
        },
        { text: 'All ran.' },
      ],
      tokens: ['command-one', 'command-two', 'command-three', 'command-four'],
    },
    {
      name: 'network',
      prompt: 'Tell the server.',
      files: { 'notes.txt': 'alpha\nbeta\n' },
      turns: [
        { text: longText('the server'), calls: [post('request-one')] },
        { calls: [call('WriteFile', { path: 'report.txt', content: 'a report\n' })] },
        { calls: [call('UploadArtifact', { path: 'report.txt' }), post('request-two')] },
        { calls: [call('ReadFile', { path: 'missing.txt' }), call('DeleteFile', { path: 'notes.txt' })] },
        { text: 'The server knows.' },
      ],
      tokens: ['request-one', 'request-two'],
    },
  ];
}

/** What the model says to a request: the turn behind the answers that the thread already holds. */
export function answerTo(scenario: Scenario, { body }: Pick<ReceivedRequest, 'body'>): Turn {
  const answered = body.messages.filter(({ role }) => role === 'assistant').length;
  return scenario.turns[Math.min(answered, scenario.turns.length - 1)]!;
}
