import * as processes from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { basename } from 'node:path';
import { faultPoints } from './fault-points.ts';

/** `node:child_process` as one file of the product sees it: a start and an end are points. */
export function instrumentProcesses(site: string): { spawn: typeof processes.spawn } {
  const spawn = (file: string, ...rest: unknown[]): ChildProcess => {
    const name = `${basename(file)} (${site})`;
    faultPoints.pass(`spawn ${name}`, 'before');
    const child = (processes.spawn as (...given: unknown[]) => ChildProcess)(file, ...rest);
    const ended = child.pid === undefined ? () => undefined : faultPoints.commandStarted(child.pid);
    child.prependOnceListener('exit', ended);
    faultPoints.pass(`spawn ${name}`, 'after');
    child.prependOnceListener('exit', () => void faultPoints.pass(`exit ${name}`, 'before'));
    return child;
  };
  return { spawn: spawn as typeof processes.spawn };
}
