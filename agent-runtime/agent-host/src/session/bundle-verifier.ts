import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyBundle } from '@steward/contracts';
import { starterPolicies, validateBundle } from '@steward/policy-engine';
import { StewardError, validatePolicyBundle } from '@steward/sdk';
import type { Clock } from '@steward/sdk';
import { writeDurably } from '../journal/durable-json.ts';
import { onDisk } from '../journal/journal-error.ts';
import { KeptNames } from './kept-names.ts';

type Jwk = Readonly<Record<string, unknown>>;

/** What the verifier needs. */
export interface BundleVerifierDeps {
  /** Folder of this runtime's home, where known keys and the highest policy version of each tenant are kept. */
  readonly home: string;
  readonly clock: Clock;
  /** The keys at the address that the runtime's configuration pins. */
  fetchJwks(): Promise<{ keys: readonly Jwk[] }>;
}

/** How a bundle is checked. */
export interface VerifyOptions {
  readonly sessionId: string;
  /** Accept an expired bundle, whose decisions the policy engine then narrows by its age. */
  readonly allowExpired?: boolean;
  /** Accept a version older than one seen before; only to learn whose session it was, never to decide by it. */
  readonly allowOlder?: boolean;
}

const clockSkewMs = 5 * 60_000;
const schemaVersion = 1;

/**
 * Verifies signed policy bundles. Throws POLICY_BUNDLE_INVALID for a wrong signature, session, schema version, time,
 * an older version than one seen before for this tenant, unknown names or a rule whose own examples fail, and
 * POLICY_EXPIRED for an expired one.
 */
export class BundleVerifier {
  readonly #deps: BundleVerifierDeps;
  readonly #revokedKeys: KeptNames;
  /** `tenant.version`, the highest of each tenant and sometimes lower ones. */
  readonly #versions: KeptNames;

  constructor(deps: BundleVerifierDeps) {
    this.#deps = deps;
    this.#revokedKeys = new KeptNames(join(deps.home, 'policy-revoked-keys'));
    this.#versions = new KeptNames(join(deps.home, 'policy-versions'));
  }

  /** Loads what verifying needs, for a moment in which only a little else is to be done. */
  async load(): Promise<void> {
    await import('jose');
  }

  /**
   * Loads what verifying needs and runs the policy engine once, since its first run takes ten times as long as any
   * later one. For a moment in which something else is waited for.
   */
  async warmUp(): Promise<void> {
    await this.load();
    const [policy] = Object.values(starterPolicies);
    if (policy !== undefined) validateBundle(policy);
  }

  async verify(jws: string, options: VerifyOptions): Promise<PolicyBundle> {
    const bundle = await this.#open(jws);
    if (bundle['schemaVersion'] !== schemaVersion)
      throw invalid(`it has schema version ${String(bundle['schemaVersion'])}, this runtime reads ${schemaVersion}`);
    if (validatePolicyBundle(bundle) !== true) {
      const issue = validatePolicyBundle.errors?.[0];
      throw invalid(
        `its entry ${issue?.instancePath === '' || issue === undefined ? 'list' : issue.instancePath} ${issue?.message ?? 'is not valid'}`,
      );
    }
    const valid = bundle as unknown as PolicyBundle;
    if (valid.sessionId !== options.sessionId) throw invalid('it was issued for another conversation');
    const now = this.#deps.clock.now().getTime();
    if (Date.parse(valid.issuedAt) > now + clockSkewMs)
      throw invalid('it was issued in the future; check the clock of this machine');
    if (Date.parse(valid.expiresAt) <= now && options.allowExpired !== true) {
      throw new StewardError(
        'POLICY_EXPIRED',
        `The policy for this conversation expired at ${valid.expiresAt}. Resume the conversation to fetch a fresh one.`,
      );
    }
    // A policy that does not do what its author wrote down is worse than none; what it is is said, nothing is dropped.
    const [problem] = validateBundle(valid);
    if (problem !== undefined)
      throw invalid(`${problem.path === '' ? 'it' : `its entry ${problem.path}`} is wrong. ${problem.message}`);
    if (options.allowOlder !== true) this.#keepVersion(valid);
    return valid;
  }

  /** Never accepts this key again, in this and every later session of this machine, also from a kept bundle. */
  revokeKey(kid: string): void {
    this.#revokedKeys.add(nameOf(kid));
  }

  /** Never accepts a bundle of this version or an older one for the tenant again. */
  revokeUpTo(tenantId: string, policyBundleVersion: number): void {
    this.#keepHighest(tenantId, policyBundleVersion + 1);
  }

  async #open(jws: string): Promise<Record<string, unknown>> {
    const { compactVerify, decodeProtectedHeader, importJWK } = await import('jose');
    let kid: string | undefined;
    try {
      kid = decodeProtectedHeader(jws).kid;
    } catch (cause) {
      throw invalid('it is not a signed document', cause);
    }
    const key = await this.#keyFor(kid);
    try {
      const { payload } = await compactVerify(jws, await importJWK(key, 'EdDSA'), { algorithms: ['EdDSA'] });
      return JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
    } catch (cause) {
      throw invalid('its signature does not match', cause);
    }
  }

  async #keyFor(kid: string | undefined): Promise<Jwk> {
    if (kid === undefined) throw invalid('it does not name its key');
    if (this.#revokedKeys.has(nameOf(kid))) throw invalid('its key was revoked');
    const path = join(this.#deps.home, 'policy-keys.json');
    const known = readJson<{ keys: readonly Jwk[] }>(path)?.keys.find((key) => key['kid'] === kid);
    if (known !== undefined) return known;
    // An unknown key may be a rotated one; only the pinned address may introduce it.
    const fresh = await this.#deps.fetchJwks();
    const key = fresh.keys.find((candidate) => candidate['kid'] === kid);
    if (key === undefined) throw invalid('its key is not one of the Policy Service');
    onDisk(path, () => writeDurably(path, fresh));
    return key;
  }

  #keepVersion({ tenantId, policyBundleVersion }: PolicyBundle): void {
    const highest = Math.max(0, ...this.#versionsOf(tenantId));
    if (policyBundleVersion < highest)
      throw invalid(`its version ${policyBundleVersion} is older than version ${highest}, which was seen before`);
    this.#keepHighest(tenantId, policyBundleVersion);
  }

  #keepHighest(tenantId: string, version: number): void {
    const known = this.#versionsOf(tenantId);
    if (known.some((other) => other >= version)) return;
    this.#versions.add(`${nameOf(tenantId)}.${version}`);
    for (const lower of known) this.#versions.drop(`${nameOf(tenantId)}.${lower}`);
  }

  #versionsOf(tenantId: string): number[] {
    const prefix = `${nameOf(tenantId)}.`;
    const own = this.#versions.list().filter((name) => name.startsWith(prefix));
    return own.map((name) => Number(name.slice(prefix.length))).filter(Number.isSafeInteger);
  }
}

/** A name that every file system takes, for an id that somebody else has chosen. */
function nameOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 40);
}

function invalid(reason: string, cause?: unknown): StewardError {
  return new StewardError(
    'POLICY_BUNDLE_INVALID',
    `The policy for this conversation is refused: ${reason.replace(/\.$/, '')}. Ask an admin to check the policy, then start again.`,
    cause === undefined ? {} : { cause },
  );
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** Id of the key that a signed bundle names, without verifying anything; undefined when it names none. */
export function keyIdOf(jws: string): string | undefined {
  try {
    const header = JSON.parse(Buffer.from(jws.split('.', 1)[0]!, 'base64url').toString('utf8')) as { kid?: unknown };
    return typeof header.kid === 'string' ? header.kid : undefined;
  } catch {
    return undefined;
  }
}
