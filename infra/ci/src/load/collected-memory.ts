import { readFile } from 'node:fs/promises';
import type { ServiceProcess } from '../stand/service-process.ts';

/** Loaded into a process: at the signal it collects its garbage, then notes its resident memory as a line of a file. */
const probe = `
import { appendFileSync } from 'node:fs';
import v8 from 'node:v8';
import vm from 'node:vm';
v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');
process.on('SIGUSR2', () => {
  collect();
  appendFileSync(process.env.MEMORY_PROBE_FILE, process.memoryUsage.rss() + '\\n');
});
`;

/** What a process is started with so that {@link CollectedMemory} can ask it. @param file made by the process */
export function probeEnvironment(file: string): Record<string, string> {
  return { MEMORY_PROBE_FILE: file, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(probe)}` };
}

const answerMs = 10_000;
const pauseMs = 50;

/** Asks a process for its resident memory without garbage. One question at a time. */
export class CollectedMemory {
  readonly #process: Pick<ServiceProcess, 'signal'>;
  readonly #file: string;
  #asked = 0;

  /** @param file the one of its {@link probeEnvironment} */
  constructor(process: Pick<ServiceProcess, 'signal'>, file: string) {
    this.#process = process;
    this.#file = file;
  }

  /** Resident bytes after a full collection; NaN when the process does not answer within ten seconds. */
  async read(): Promise<number> {
    this.#asked += 1;
    this.#process.signal('SIGUSR2');
    const endsMs = performance.now() + answerMs;
    while (performance.now() < endsMs) {
      // Counted, so that a late line is not taken for the answer to the next question.
      const lines = (await readFile(this.#file, 'utf8').catch(() => '')).split('\n').slice(0, -1);
      if (lines.length >= this.#asked) return Number(lines[this.#asked - 1]);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return NaN;
  }
}
