import { drainUnderLoad, killUnderLoad } from '../chaos/chaos.ts';
import { measureFaults } from './faults.ts';
import { measureMixed } from './mixed.ts';
import { UsageError, parseLoadOptions } from './options.ts';
import type { PartName } from './options.ts';
import { measureOverload } from './overload.ts';
import { withProcessorTime } from './processor-time.ts';
import { measureRatios } from './ratio.ts';
import { measureStarts } from './start-up.ts';
import { reportLines } from './report.ts';
import type { Finding } from './report.ts';

/** What a load run needs from the outside. */
export interface LoadDeps {
  /** Folder of the repository, with the services built. */
  readonly root: string;
  /** The bundled `bare-server.ts`. */
  readonly bareScript: string;
  readonly args: readonly string[];
  readonly print: (line: string) => void;
  readonly say: (sentence: string) => void;
}

/**
 * Measures the services under load, overload, a broken engine and kills, and prints a table that ends with
 * `N passed, N failed`. Resolves to the exit code: 0, 1 when an aim was missed, 2 for wrong arguments.
 */
export async function runLoad(deps: LoadDeps): Promise<number> {
  try {
    const options = parseLoadOptions(deps.args);
    const parts: [PartName, () => Promise<Finding[]>][] = [
      ['start', () => measureStarts(deps.root, options)],
      ['ratio', () => measureRatios(deps.root, deps.bareScript, options)],
      ['mixed', () => measureMixed(deps.root, options)],
      ['faults', () => measureFaults(deps.root, options)],
      ['kill', () => killUnderLoad(deps.root, options)],
      ['drain', () => drainUnderLoad(deps.root, options)],
      ['overload', () => measureOverload(deps.root, options)],
    ];
    const findings: Finding[] = [];
    for (const [name, measure] of parts) {
      if (options.only.length > 0 && !options.only.includes(name)) continue;
      deps.say(`Measuring ${name}.`);
      findings.push(...(await withProcessorTime(name, measure)));
    }
    for (const line of reportLines(findings)) deps.print(line);
    return findings.every(({ passed }) => passed) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    deps.say(error.message);
    deps.print('0 passed, 1 failed');
    return 2;
  }
}
