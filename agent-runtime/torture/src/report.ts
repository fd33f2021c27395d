import type { DiskCampaignResult } from './disk/disk-campaign.ts';
import type { CampaignResult } from './harness/tally.ts';

const mostNamed = 20;

/** The numbers of a campaign as a table, ending with the line that every suite ends with. */
export function tableOf(result: CampaignResult, journal?: DiskCampaignResult): string {
  const { failures, runs } = result;
  const rows: [string, string | number][] = [
    ['points found', result.points],
    ['points hit', result.pointsMet],
    ['points hit five times or more', result.struckFiveTimes],
    ['fewest hits of a point', result.leastStruck],
    ['points seen beside them', result.seenBeside],
    ['runs', runs],
    ['lives of the runtime', result.lives],
    ['kills', result.kills],
    ['power cuts', result.powerCuts],
    ['deaths of the services', result.serviceDeaths],
    ['deaths of running commands', result.toolDeaths],
    ['cancellations', result.cancels],
    ['disk faults', result.diskFaults + (journal?.faults ?? 0)],
    ['of them in memory', journal?.faults ?? 0],
    ['sessions on a disk in memory', journal?.sessions ?? 0],
    ['of them wrong', journal?.failures.length ?? 0],
    ['resumes', result.resumes],
    ['pauses', result.pauses],
    ['lost', result.lost],
    ['doubled', result.doubled],
    ['otherwise different', result.wrong],
    ['unreadable journals', result.unreadable],
    ['zombies', result.zombies],
    ['interrupted effects proved done', result.proved],
    ['unknown-but-reported', result.unknown],
    ['planned strikes not reached', result.unmet],
    ['seconds', Math.round(result.seconds)],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(36)}${String(value).padStart(8)}`);
  for (const name of result.struckLess.slice(0, mostNamed)) lines.push(`hit less than five times: ${name}`);
  if (failures.length > 0) lines.push(`failing seeds: ${failures.map(({ seed }) => seed).join(' ')}`);
  const failed = failures.length + (journal?.failures.length ?? 0);
  return `${lines.join('\n')}\n${runs + (journal?.sessions ?? 0) - failed} passed, ${failed} failed\n`;
}
