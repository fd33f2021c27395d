import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyBundle } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import type { HostDeps } from './session-deps.ts';

const demoModelName = 'steward-demo';

/**
 * The model of a session: the preferred one where the policy allows it, else the first that the policy names, else the
 * first that the gateway offers (asked once and remembered).
 */
export async function chooseModel(
  { allowedModels }: PolicyBundle['llmPolicy'],
  host: Pick<HostDeps, 'settings' | 'model'>,
): Promise<string> {
  const { preferredModel, demoModel } = host.settings;
  const anyModel = allowedModels.includes('*');
  if (preferredModel !== undefined && (anyModel || allowedModels.includes(preferredModel))) return preferredModel;
  const named = allowedModels.filter((name) => name !== '*');
  if (demoModel && (anyModel || named.includes(demoModelName))) return demoModelName;
  if (named[0] !== undefined) return named[0];
  if (anyModel) return firstOffered(host);
  throw new StewardError(
    'POLICY_BUNDLE_INVALID',
    'The policy for this conversation allows no model. Ask an admin to name one.',
  );
}

async function firstOffered({ settings, model }: Pick<HostDeps, 'settings' | 'model'>): Promise<string> {
  const path = join(settings.home, 'model.json');
  const known = readRemembered(path);
  if (known !== undefined) return known;
  const [first] = await model.listModels();
  if (first === undefined)
    throw new StewardError('INTERNAL_ERROR', 'The model gateway offers no model. Name one in STEWARD_MODEL.', {
      retryable: true,
    });
  writeFileSync(path, JSON.stringify({ model: first }), { mode: 0o600 });
  return first;
}

function readRemembered(path: string): string | undefined {
  try {
    const { model } = JSON.parse(readFileSync(path, 'utf8')) as { model?: unknown };
    return typeof model === 'string' ? model : undefined;
  } catch {
    return undefined;
  }
}
