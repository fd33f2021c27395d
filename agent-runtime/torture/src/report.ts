import type { DiskCampaignResult } from './disk/disk-campaign.ts';
import type { CampaignResult } from './harness/campaign.ts';

/** The numbers of a campaign as a table, ending with the line that every suite ends with. */
export function tableOf(result: CampaignResult, journal?: DiskCampaignResult): string {
  const { failures, runs } = result;
  const rows: [string, string | number][] = [
    ['points found', result.points],
    ['points struck', result.pointsMet],
    ['points struck five times or more', result.struckFiveTimes],
    ['fewest strikes of a point', result.leastStruck],
    ['runs', runs],
    ['points not struck', result.points - result.pointsMet],
    ['kills', result.kills],
    ['deaths of the services', result.serviceDeaths],
    ['power cuts', result.powerCuts],
    ['disk faults', result.diskFaults],
    ['disk faults in memory', journal?.faults ?? 0],
    ['sessions on a disk in memory', journal?.sessions ?? 0],
    ['of them wrong', journal?.failures.length ?? 0],
    ['cancellations', result.cancels],
    ['resumes after a death', result.resumes],
    ['pauses', result.pauses],
    ['lost', result.lost],
    ['doubled', result.doubled],
    ['otherwise different', result.wrong],
    ['unreadable journals', result.unreadable],
    ['interrupted effects proved done', result.proved],
    ['unknown, and reported as unknown', result.unknown],
    ['points not reached again', result.unmet],
    ['seconds', Math.round(result.seconds)],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(36)}${String(value).padStart(8)}`);
  if (failures.length > 0) lines.push(`failing seeds: ${failures.map(({ seed }) => seed).join(' ')}`);
  const failed = failures.length + (journal?.failures.length ?? 0);
  return `${lines.join('\n')}\n${runs + (journal?.sessions ?? 0) - failed} passed, ${failed} failed\n`;
}
