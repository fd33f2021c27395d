import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CollectedMemory, probeEnvironment } from '../../src/load/collected-memory.ts';
import { freePort } from '@steward/service-kit/test-support';
import { ServiceProcess } from '../../src/stand/service-process.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steward-memory-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Answers every request, and leaves a block behind on `/waste` that nobody holds, or on `/keep` one that stays. */
const program = `
import { createServer } from 'node:http';
const kept = [];
const block = () => Array.from({ length: 4_000_000 }, (_, at) => at + 0.5);
createServer(({ url }, response) => {
  if (url === '/waste') block();
  if (url === '/keep') kept.push(block());
  response.end('ok');
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** Half of a block of 32 MB: other pages of a process come and go by far less. */
const aside = 16e6;

describe('the memory that a process holds without garbage', () => {
  it('tells what is kept, and not what was left behind', async () => {
    const script = join(folder, 'program.mjs');
    const file = join(folder, 'memory');
    await writeFile(script, program);
    const process = new ServiceProcess({
      script,
      port: await freePort(),
      env: probeEnvironment(file),
      logFile: join(folder, 'log'),
    });
    await process.start();
    const memory = new CollectedMemory(process, file);
    const call = (path: string) => fetch(new URL(path, process.url)).then((response) => response.text());

    const before = await memory.read();
    await call('/waste');
    // Collected memory is given back beside the program, so that the next answer may still hold some of it.
    let afterWaste = await memory.read();
    while (afterWaste - before > aside) afterWaste = await memory.read();
    await call('/keep');
    const afterKeeping = await memory.read();
    await process.stop();

    expect(afterKeeping - afterWaste).toBeGreaterThan(aside);
  });
});
