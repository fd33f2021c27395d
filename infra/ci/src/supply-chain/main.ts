import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { judgeAudit } from './audit.ts';
import exceptions from './audit-exceptions.json' with { type: 'json' };
import type { Bom } from './bom.ts';
import policy from './licence-policy.json' with { type: 'json' };
import { licencesOf, licenceViolations, unusedExceptions } from './licences.ts';
import { noticesText, readNoticeSources } from './notices.ts';
import { createBom, problemsOfBom } from './sbom.ts';
import shipping from './shipping.json' with { type: 'json' };

/** What one part of the run counted and has to say. */
interface Outcome {
  readonly passed: number;
  readonly problems: readonly string[];
  readonly lines: readonly string[];
}

/** Parts of the run, by the name of their command. */
const PARTS = { sbom: reportSbom, licences: reportLicences, audit: reportAudit };

/** What a run needs to know. */
export interface SupplyChainOptions {
  /** Folder of the repository. */
  readonly root: string;
  readonly parts: readonly (keyof typeof PARTS)[];
  /** Counts a registry that offers no audit as a failure. */
  readonly auditRequired: boolean;
  readonly print: (line: string) => void;
}

interface Shared extends SupplyChainOptions {
  readonly out: string;
  readonly bom: () => Promise<Bom>;
}

/**
 * Makes the bill of materials, the licence list with the third-party notices, and the audit, below
 * `dist/supply-chain`. Prints a short summary that ends with `N passed, N failed`; resolves to the exit code.
 */
export async function runSupplyChain(options: SupplyChainOptions): Promise<number> {
  const out = join(options.root, 'dist', 'supply-chain');
  await mkdir(out, { recursive: true });
  let bom: Promise<Bom> | undefined;
  const shared: Shared = {
    ...options,
    out,
    bom: () => (bom ??= createBom(options.root, shipping.notShipped)),
  };
  const outcomes: Outcome[] = [];
  for (const part of options.parts) outcomes.push(await PARTS[part](shared));
  for (const { lines, problems } of outcomes) {
    for (const line of lines) options.print(line);
    for (const problem of problems) options.print(`FAILED ${problem}`);
  }
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.problems.length, 0);
  options.print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function reportSbom({ bom, out }: Shared): Promise<Outcome> {
  const made = await bom();
  const text = `${JSON.stringify(made, null, 2)}\n`;
  await writeFile(join(out, 'sbom.cdx.json'), text);
  const problem = await problemsOfBom(text);
  return {
    passed: problem === undefined ? 1 : 0,
    problems: problem === undefined ? [] : [`The bill of materials breaks the CycloneDX schema: ${problem}`],
    lines: [
      `sbom      ${made.components.length} components, CycloneDX ${made.specVersion}: dist/supply-chain/sbom.cdx.json`,
    ],
  };
}

async function reportLicences({ bom, out, root }: Shared): Promise<Outcome> {
  const made = await bom();
  const entries = licencesOf(made);
  const licenceByPackage = new Map(entries.map((entry) => [entry.package, entry.licence]));
  await writeFile(join(out, 'licences.json'), `${JSON.stringify(entries, null, 2)}\n`);
  const sources = await readNoticeSources(root, made, licenceByPackage);
  await writeFile(join(out, 'THIRD-PARTY-NOTICES.txt'), noticesText(sources));
  const violations = licenceViolations(entries, policy);
  const counts = new Map<string, number>();
  for (const { licence } of entries) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  const summary = [...counts]
    .sort((left, right) => right[1] - left[1])
    .map(([licence, count]) => `${licence} ${count}`);
  return {
    passed: entries.length - violations.length,
    problems: [...violations, ...unusedExceptions(entries, policy)],
    lines: [`licences  ${entries.length} third-party packages: ${summary.join(', ')}`],
  };
}

async function reportAudit({ root, auditRequired }: Shared): Promise<Outcome> {
  const output = await new Promise<string>((resolve) => {
    // Findings make npm end with 1; the report says everything.
    execFile(
      process.platform === 'win32' ? 'npm.cmd' : 'npm',
      ['audit', '--json', '--omit=dev'],
      { cwd: root, maxBuffer: 64 * 1024 * 1024, timeout: 120_000, shell: process.platform === 'win32' },
      (error, stdout) => resolve(stdout || (error?.message ?? '')),
    );
  });
  const result = judgeAudit(output, exceptions, new Date());
  if (!result.checked) {
    const answer = result.notes.join(' ');
    return {
      passed: 0,
      problems: auditRequired ? [`audit: nothing was checked. ${answer}`] : [],
      lines: [`audit     NOT CHECKED. ${answer} Run it where the registry offers audits.`],
    };
  }
  return {
    passed: result.problems.length === 0 ? 1 : 0,
    problems: result.problems.map((problem) => `audit: ${problem}`),
    lines: [`audit     ${result.problems.length} problems`, ...result.notes.map((note) => `audit     ${note}`)],
  };
}
