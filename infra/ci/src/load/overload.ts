import { constants, setPriority } from 'node:os';
import { createPeople } from '../stand/people.ts';
import { Stand } from '../stand/stand.ts';
import { Crowd } from './crowd.ts';
import type { LoadOptions } from './options.ts';
import { judged, median, told } from './report.ts';
import type { Finding } from './report.ts';
import { approvalRequest } from './routes.ts';
import type { Shot } from './routes.ts';
import { shoot } from './shoot.ts';
import type { Hits } from './shoot.ts';

const peopleCount = 100;
const crowdConnections = 1000;
/** Peak and overload in turn, because the speed of a machine is not the same from one second to the next. */
const sliceSeconds = 2;
/** What the one left behind is no part of the other. */
const settleSeconds = 1;
const longestRecoverySeconds = 10;

/**
 * One service at five times the load it can take: it has to go on answering most of what it can, turn the rest away,
 * and be itself again soon after. From here on this process gives way to every other one, for good: what sends thousands of
 * requests a second would take the time of the service and the engine, which it has to itself where people's requests come
 * from elsewhere. So this is the last part of a run.
 */
export async function measureOverload(root: string, options: LoadOptions): Promise<Finding[]> {
  const stand = await Stand.start(root);
  const { people, stop } = await createPeople(stand.issuer, peopleCount);
  try {
    // The people's own limits would hide what the process does.
    await stand.service('approval', { env: { RATE_LIMITS: 'off' } }).start();
    setPriority(constants.priority.PRIORITY_LOW);
    const url = stand.url('approval');
    const shooters: { person: (typeof people)[number]; next: () => Shot }[] = [];
    for (const person of people) {
      const body = approvalRequest();
      await fetch(`${url}/approvals`, {
        method: 'POST',
        headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      shooters.push({
        person,
        next: (): Shot => ({ method: 'GET', path: `/approvals/${String(body['approvalId'])}` }),
      });
    }
    const usual = (seconds: number): Promise<Hits> => shoot({ url, shooters, seconds, connections: 20 });
    const crowd = new Crowd(url, crowdConnections);
    const tooMany = (perSecond: number, seconds: number, before = 0): Promise<Hits> =>
      crowd.shoot({ shooters, seconds, perSecond, settleSeconds: before, withRefusals: true });
    await usual(options.warmSeconds);
    await crowd.connect();
    const first = await usual(sliceSeconds);
    const crowded = await tooMany(offeredOf(first), options.overloadSeconds);
    const half = Math.round(first.goodPerSecond / 2);
    const recovery = await recoverySeconds(() =>
      shoot({ url, shooters, seconds: 1, connections: 20, perSecond: half }),
    );
    const settledPeak = async (): Promise<Hits> => {
      await usual(settleSeconds);
      return usual(sliceSeconds);
    };
    const peaks = [await settledPeak()];
    const overs: Hits[] = [];
    while (overs.length < options.overloadSlices) {
      overs.push(await tooMany(offeredOf(peaks.at(-1)!), sliceSeconds, settleSeconds));
      peaks.push(await settledPeak());
    }
    await crowd.close();
    const all = [crowded, ...overs];
    const failed = all.reduce((sum, over) => sum + over.failed, 0);
    const shares = overs.map((over, at) => shareOf(over, [peaks[at]!, peaks[at + 1]!]));
    return [
      told('overload, peak', `${Math.round(median(peaks.map(({ goodPerSecond }) => goodPerSecond)))}/s`),
      told('overload, turned away', `${all.reduce((sum, { shed }) => sum + shed, 0)}, failed ${failed}`),
      ...(failed === 0 ? [] : [told('  failures', all.flatMap(({ failures }) => failures || []).join(', '))]),
      judged('overload, goodput of the peak', median(shares), { atLeast: 80, unit: ' %', digits: 0 }),
      told('  by slice', `${shares.map((share) => Math.round(share)).join(', ')} %`),
      judged('overload, p99 of what was answered or turned away', crowded.p99Ms, {
        atMost: 2000,
        unit: ' ms',
        digits: 0,
      }),
      judged('overload, recovery', recovery, { atMost: longestRecoverySeconds, unit: ' s', digits: 0 }),
    ];
  } finally {
    stop();
    await stand.close();
  }
}

function offeredOf(peak: Hits): number {
  return Math.round(peak.goodPerSecond * 5);
}

/** In percent of the peaks before and after it. */
function shareOf(over: Hits, peaks: readonly [Hits, Hits]): number {
  return (200 * over.goodPerSecond) / (peaks[0].goodPerSecond + peaks[1].goodPerSecond);
}

/** Seconds until half the peak is answered without a refusal again; infinite when it never is. */
async function recoverySeconds(trySecond: () => ReturnType<typeof shoot>): Promise<number> {
  for (let second = 1; second <= longestRecoverySeconds; second += 1) {
    const { shed, failed, good } = await trySecond();
    if (good > 0 && shed + failed === 0) return second;
  }
  return Infinity;
}
