import { faultPoints } from './fault-points.ts';

/** Makes what the process reads and writes points, and lets a plan's cancel arrive as a client's request would. */
export function instrumentStdio(): void {
  const { stdin, stdout } = process;
  let sessionId = '';
  const write = stdout.write.bind(stdout) as (...args: unknown[]) => boolean;
  stdout.write = ((...args: unknown[]) => {
    if (args[0] === '') return write(...args);
    const name = `send ${messageName(String(args[0]))} (stdout)`;
    faultPoints.pass(name, 'before');
    const more = write(...args);
    faultPoints.pass(name, 'after');
    return more;
  }) as typeof stdout.write;
  const emit = stdin.emit.bind(stdin) as (...args: unknown[]) => boolean;
  stdin.emit = ((...args: unknown[]) => {
    if (args[0] !== 'data') return emit(...args);
    const text = String(args[1]);
    sessionId = /"sessionId":"(sess_[^"]+)"/.exec(text)?.[1] ?? sessionId;
    const name = `receive ${messageName(text)} (stdin)`;
    faultPoints.pass(name, 'before');
    const heard = emit(...args);
    faultPoints.pass(name, 'after');
    return heard;
  }) as typeof stdin.emit;
  faultPoints.onCancel((force) => {
    const request = { jsonrpc: '2.0', id: 'cancel', method: 'CancelTask', params: { sessionId, force } };
    setImmediate(() => void emit('data', Buffer.from(`${JSON.stringify(request)}\n`)));
  });
}

function messageName(text: string): string {
  const event = /"eventType":"([^"]+)"/.exec(text)?.[1];
  return event ?? /"method":"([^"]+)"/.exec(text)?.[1] ?? 'answer';
}
