import type { PolicyContent } from '@steward/contracts';
import { carefulDeveloper } from './careful-developer.ts';
import { lockedDown } from './locked-down.ts';
import { readOnly } from './read-only.ts';
import { trustedProject } from './trusted-project.ts';

/** Policies to begin with, by name. `Careful developer` is the default. */
export const starterPolicies: Record<string, PolicyContent> = {
  [carefulDeveloper.name]: carefulDeveloper,
  [readOnly.name]: readOnly,
  [trustedProject.name]: trustedProject,
  [lockedDown.name]: lockedDown,
};
