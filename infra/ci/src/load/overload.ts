import { createPeople } from '../stand/people.ts';
import { Stand } from '../stand/stand.ts';
import type { LoadOptions } from './options.ts';
import { judged, told } from './report.ts';
import type { Finding } from './report.ts';
import { approvalRequest } from './routes.ts';
import type { Shot } from './routes.ts';
import { shoot } from './shoot.ts';

const peopleCount = 100;
/** Several times what the process takes at once, as many clients that do not wait for each other would be. */
const crowd = 1000;
const longestRecoverySeconds = 10;

/**
 * One service at five times the load it can take: it has to go on answering most of what it can, turn the rest away,
 * and be itself again soon after.
 */
export async function measureOverload(root: string, options: LoadOptions): Promise<Finding[]> {
  const stand = await Stand.start(root);
  const { people, stop } = await createPeople(stand.issuer, peopleCount);
  try {
    // The people's own limits would hide what the process does.
    await stand.service('approval', { env: { RATE_LIMITS: 'off' } }).start();
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
    const seconds = options.overloadSeconds;
    await shoot({ url, shooters, seconds: 2, connections: 20 });
    const peak = await shoot({ url, shooters, seconds, connections: 20 });
    const offered = Math.round(peak.goodPerSecond * 5);
    const over = await shoot({ url, shooters, seconds, connections: crowd, perSecond: offered, fromDue: false });
    const recovery = await recoverySeconds(() =>
      shoot({ url, shooters, seconds: 1, connections: 20, perSecond: Math.round(peak.goodPerSecond / 2) }),
    );
    return [
      told('overload, peak', `${Math.round(peak.goodPerSecond)}/s`),
      told('overload, offered', `${offered}/s, turned away ${over.shed}, failed ${over.failed}`),
      ...(over.failed === 0 ? [] : [told('  failures', over.failures)]),
      judged('overload, goodput of the peak', (100 * over.goodPerSecond) / peak.goodPerSecond, {
        atLeast: 80,
        unit: ' %',
        digits: 0,
      }),
      judged('overload, p99 of what was answered or turned away', over.p99Ms, { atMost: 2000, unit: ' ms', digits: 0 }),
      judged('overload, recovery', recovery, { atMost: longestRecoverySeconds, unit: ' s', digits: 0 }),
    ];
  } finally {
    stop();
    await stand.close();
  }
}

/** Seconds until half the peak is answered without a refusal again; infinite when it never is. */
async function recoverySeconds(trySecond: () => ReturnType<typeof shoot>): Promise<number> {
  for (let second = 1; second <= longestRecoverySeconds; second += 1) {
    const { shed, failed, good } = await trySecond();
    if (good > 0 && shed + failed === 0) return second;
  }
  return Infinity;
}
