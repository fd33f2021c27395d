import { readFile } from 'node:fs/promises';
import { ensureLocalCertificates } from '../certificates/local-certificates.ts';
import { chooseDatabase, findDynoxide } from '../engine/database-choice.ts';
import type { HomeLayout } from '../home/home-layout.ts';
import { loadIdentitySecrets } from '../identity-provider/secrets.ts';
import { chooseGateway } from './gateway-choice.ts';
import { choosePorts } from './ports.ts';
import type { PlanFacts } from './process-plan.ts';

/** What {@link prepareFacts} needs. */
export interface FactsDeps {
  readonly root: string;
  readonly home: HomeLayout;
  /** First port, or `undefined` for the remembered or free ones. */
  readonly port: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

/** Makes or reads everything that the processes of a start need: ports, certificates, secrets, gateway, database. */
export async function prepareFacts({ root, home, port, env, now }: FactsDeps): Promise<PlanFacts> {
  const [ports, certificates, identity] = await Promise.all([
    choosePorts(home.run, port),
    ensureLocalCertificates(home.certificates, new Date(now())),
    loadIdentitySecrets(home.identity),
  ]);
  const gateway = await chooseGateway(env, home.keys, ports.gateway);
  const database = chooseDatabase({
    env,
    dataFolder: home.data,
    port: ports.database,
    dynoxide: findDynoxide(root),
  });
  const ca = await readFile(certificates.caFile, 'utf8');
  return { root, home, ports, certificates, ca, clientSecrets: identity.clientSecrets, gateway, database, env };
}
