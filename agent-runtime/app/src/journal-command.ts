/**
 * `steward journal print|verify FILE [--json] [--full]`: looks into the journal of a conversation and changes nothing.
 * Exit codes: 0 whole, 1 the end is torn and nothing confirmed is lost, 2 damaged, 3 written by a newer version,
 * 4 wrong usage or no such file.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { inspectJournal, isSealed, redactDeep, systemJournalFiles } from '@steward/agent-host';
import type { InspectedRecord, JournalReport, Seal } from '@steward/agent-host';
import { findSecrets, loadDetectors, replaceFound } from '@steward/secrets';

const exitCodes: Readonly<Record<JournalReport['state'], number>> = { whole: 0, torn: 1, damaged: 2, newer: 3 };
const usage = `Usage: npm run journal -- print|verify FILE [--json] [--full]
  print    every record, one line each; texts are left out unless --full is given, secrets always
  verify   what the file holds and whether it is whole
`;

function main(args: readonly string[]): number {
  const options = { json: { type: 'boolean' }, full: { type: 'boolean' } } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return 4;
  }
  const { values, positionals } = parsed;
  const [command, file] = positionals;
  if ((command !== 'print' && command !== 'verify') || file === undefined || positionals.length !== 2) {
    process.stderr.write(usage);
    return 4;
  }
  let data: Buffer;
  try {
    data = readFileSync(file);
  } catch (error) {
    process.stderr.write(`${file} can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).\n`);
    return 4;
  }
  const json = values.json === true;
  const redact = (text: string): string => replaceFound(text, findSecrets(text));
  const print = (record: InspectedRecord): void =>
    void process.stdout.write(`${lineOf(redactDeep(record, redact), json)}\n`);
  const report = withParts(
    inspectJournal(data, command === 'print' ? print : undefined, values.full === true),
    data,
    dirname(file),
  );
  // What is printed stays records only; the verdict goes beside it.
  const out = command === 'print' ? process.stderr : process.stdout;
  out.write(json ? `${JSON.stringify(report)}\n` : summaryOf(report));
  return exitCodes[report.state];
}

/** The report with what is wrong with the sealed files that the journal names; they lie beside it. */
function withParts(report: JournalReport, data: Buffer, folder: string): JournalReport {
  const parts: (Seal & { readonly name: string })[] = [];
  inspectJournal(
    data,
    ({ kind, content }) => void (kind === 'sealed' && parts.push(content as Seal & { name: string })),
    true,
  );
  const problems = parts
    .filter((part) => !isSealed(join(folder, basename(part.name)), systemJournalFiles, part))
    .map(({ name }) => `The sealed file ${name} is missing or not what it was.`);
  if (problems.length === 0) return report;
  const state = report.state === 'newer' ? 'newer' : 'damaged';
  return { ...report, state, problems: [...report.problems, ...problems] };
}

function lineOf(record: InspectedRecord, json: boolean): string {
  if (json) return JSON.stringify(record);
  const { number, kind, seq, eventType, content } = record;
  const event = seq === undefined ? '' : ` ${seq} ${eventType ?? ''}`;
  return `${number} ${kind}${event} ${JSON.stringify(content)}`;
}

function summaryOf(report: JournalReport): string {
  const { state, format, sessionId, records, byKind, firstSeq, lastSeq, totalBytes, validBytes, problems } = report;
  const kinds = Object.entries(byKind).map(([kind, count]) => `${kind} ${count}`);
  return [
    `${state}: ${records} records, ${validBytes} of ${totalBytes} bytes`,
    `conversation ${sessionId ?? 'unknown'}, format ${format ?? 'unknown'}, events ${firstSeq ?? 'none'} to ${lastSeq ?? 'none'}`,
    kinds.join(', '),
    ...problems,
    '',
  ].join('\n');
}

await loadDetectors();
process.exitCode = main(process.argv.slice(2));
