import type { Principal, StandIssuer } from './issuer.ts';

/** Somebody with a token that is renewed while a run lasts. */
export interface Person extends Principal {
  token: string;
}

const tenants = 4;

/** People of several tenants, each with a token; `stop` ends the renewal. */
export async function createPeople(
  issuer: StandIssuer,
  count: number,
): Promise<{ readonly people: readonly Person[]; stop(): void }> {
  const people = await Promise.all(
    Array.from({ length: count }, async (_, index): Promise<Person> => {
      const who = { tenantId: `tenant-${index % tenants}`, sub: `person-${index}`, roles: ['user'] };
      return { ...who, token: await issuer.tokenOf(who) };
    }),
  );
  const renew = async (): Promise<void> => {
    for (const person of people) person.token = await issuer.tokenOf(person);
  };
  const timer = setInterval(() => void renew(), 5 * 60_000);
  return { people, stop: () => clearInterval(timer) };
}
