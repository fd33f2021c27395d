import { createPeople } from '../stand/people.ts';
import type { Person } from '../stand/people.ts';
import { Stand, serviceNames } from '../stand/stand.ts';
import type { ServiceName } from '../stand/stand.ts';
import type { LoadOptions } from './options.ts';
import { judged, median, told } from './report.ts';
import type { Finding } from './report.ts';

/** A request that each service answers after it has checked who asks. */
const firstRequests: Readonly<Record<ServiceName, string>> = {
  session: '/sessions',
  policy: '/kill-switch',
  workspace: '/workspaces',
  approval: '/approvals',
  audit: '/events',
  telemetry: '/telemetry/summary',
  tools: '/tools',
};

/**
 * How long each service takes from the start of its process to the first answer of an operation, for which it fetches
 * the identity provider's keys and asks the engine; and, for comparison, to its health check.
 */
export async function measureStarts(root: string, options: LoadOptions): Promise<Finding[]> {
  const stand = await Stand.start(root);
  const { people, stop } = await createPeople(stand.issuer, 1);
  try {
    const findings: Finding[] = [];
    for (const name of serviceNames) {
      const first: number[] = [];
      const operation: number[] = [];
      for (let start = 0; start < options.starts; start += 1) {
        const service = stand.service(name);
        const began = performance.now();
        first.push(await service.start());
        await ask(stand, name, people);
        operation.push(performance.now() - began);
        await service.stop();
      }
      findings.push(
        judged(`start-up, ${name}`, median(operation) / 1000, { atMost: 1, unit: ' s' }),
        told('  to the health check', `${(median(first) / 1000).toFixed(2)} s`),
      );
    }
    return findings;
  } finally {
    stop();
    await stand.close();
  }
}

async function ask(stand: Stand, name: ServiceName, [person]: readonly Person[]): Promise<void> {
  const path = firstRequests[name];
  const response = await fetch(`${stand.url(name)}${path}`, { headers: { authorization: `Bearer ${person?.token}` } });
  const text = await response.text();
  // Refused is answered too: the summary is for operators, which this person is not.
  if (response.status >= 500) throw new Error(`${name} answered ${path} with ${response.status}: ${text}`);
}
