import type { Claims, MatrixIssuer } from './tokens.ts';

/** The tenants of the matrix; each has the same people. */
export const tenants = ['acme', 'globex', 'initech'] as const;
export type Tenant = (typeof tenants)[number];

/** Somebody who calls, with what the expectation depends on. */
export interface Principal {
  readonly name: string;
  /** Absent: the call proves no identity and must be refused as such. */
  readonly tenant?: Tenant;
  readonly roles: readonly string[];
  /** `owner` owns what was seeded in the tenant. */
  readonly userId: string;
  /** For services: their name without `-service`. */
  readonly service?: string;
  readonly headers: Readonly<Record<string, string>>;
}

const everyRole = ['user', 'approver', 'admin', 'auditor', 'operator'];
const people: Readonly<Record<string, readonly string[]>> = {
  owner: ['user'],
  stranger: ['user'],
  approver: ['approver'],
  admin: ['admin'],
  auditor: ['auditor'],
  operator: ['operator'],
  chief: everyRole,
  nobody: ['guest'],
};
const services = ['session', 'policy', 'workspace', 'approval', 'audit', 'telemetry', 'tools', 'unknown'];

/** Everybody: identities that prove nothing, the same people of three tenants, every service for two of them. */
export async function createPrincipals(issuer: MatrixIssuer): Promise<Principal[]> {
  const valid: Claims = { tenantId: 'acme', sub: 'owner', roles: everyRole };
  const unproven: Readonly<Record<string, Claims>> = {
    expired: { ...valid, expiresInSeconds: -60 },
    'wrong audience': { ...valid, audience: 'urn:other:api' },
    'wrong issuer': { ...valid, issuer: 'https://evil.test' },
    'wrong key': { ...valid, strangeKey: true },
    'not an access token': { ...valid, typ: 'JWT' },
    'too long a life': { ...valid, expiresInSeconds: 86_400 },
  };
  const principals: Principal[] = [
    { name: 'no token', roles: [], userId: '', headers: {} },
    { name: 'no bearer token', roles: [], userId: '', headers: { authorization: 'Basic b3duZXI6eA==' } },
    { name: 'no token at all but text', roles: [], userId: '', headers: { authorization: 'Bearer a.b.c' } },
  ];
  for (const [name, claims] of Object.entries(unproven))
    principals.push({ name, roles: [], userId: '', headers: bearer(await issuer.mint(claims)) });
  for (const tenant of tenants) {
    for (const [userId, roles] of Object.entries(people)) {
      const token = await issuer.mint({ tenantId: tenant, sub: userId, roles });
      // From a person these headers must change nothing.
      const headers = { ...bearer(token), 'x-acting-tenant': 'acme', 'x-acting-user': 'owner' };
      principals.push({ name: `${userId} of ${tenant}`, tenant, roles, userId, headers });
    }
  }
  for (const service of services) {
    const token = await issuer.mint({ tenantId: 'platform', sub: `${service}-service`, roles: ['service'] });
    for (const tenant of ['acme', 'globex'] as const) {
      const headers = { ...bearer(token), 'x-acting-tenant': tenant, 'x-acting-user': 'owner' };
      const name = `${service} service for ${tenant}`;
      principals.push({ name, tenant, roles: ['service'], userId: 'owner', service, headers });
    }
  }
  return principals;
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
