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
  const hear = (line: Buffer | string): boolean => {
    const text = String(line);
    sessionId = /"sessionId":"(sess_[^"]+)"/.exec(text)?.[1] ?? sessionId;
    const name = `receive ${messageName(text)} (stdin)`;
    faultPoints.pass(name, 'before');
    const heard = emit('data', line);
    faultPoints.pass(name, 'after');
    return heard;
  };
  stdin.emit = ((...args: unknown[]) => {
    if (args[0] !== 'data') return emit(...args);
    // Two messages that arrive together are two points.
    return linesOf(args[1] as Buffer | string)
      .map(hear)
      .includes(true);
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

/** What arrived, cut behind each line's end; a last part without one comes as it is. */
function linesOf(chunk: Buffer | string): (Buffer | string)[] {
  if (typeof chunk === 'string') return chunk.split(/(?<=\n)/);
  const lines: Buffer[] = [];
  for (let start = 0; start < chunk.length;) {
    const end = chunk.indexOf(0x0a, start);
    const next = end === -1 ? chunk.length : end + 1;
    lines.push(chunk.subarray(start, next));
    start = next;
  }
  return lines;
}
