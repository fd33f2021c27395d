import type { PolicyTemplate } from '@steward/contracts';
import { starterPolicies } from '@steward/policy-engine';
import { StewardError } from '@steward/sdk';

/** Policies to begin a draft with, the most restrictive last. */
export function listTemplates(): PolicyTemplate[] {
  return Object.values(starterPolicies).map((content) => ({
    name: content.name,
    description: content.description ?? '',
    content,
  }));
}

/** @throws INVALID_REQUEST that names the templates there are */
export function templateNamed(name: string): PolicyTemplate {
  const found = listTemplates().find((template) => template.name === name);
  if (found !== undefined) return found;
  const names = Object.keys(starterPolicies).join(', ');
  throw new StewardError('INVALID_REQUEST', `There is no template "${name}". Choose one of: ${names}.`, {
    details: { field: 'template' },
  });
}
