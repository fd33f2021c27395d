import type { PolicyContent } from '@steward/contracts';
import { StewardError } from '@steward/sdk';
import { templateNamed } from '../drafts/templates.ts';
import { refuseProblems } from '../drafts/validate-policy.ts';
import type { PolicyVersion } from './policy.ts';
import type { Author, TenantChanges } from './tenant-changes.ts';

/** Drafts of policies, guarded by their revision so that of two authors the second is told. */
export class PolicyDrafts {
  readonly #changes: TenantChanges;

  constructor(changes: TenantChanges) {
    this.#changes = changes;
  }

  /**
   * Begins a draft with the given content, a template, or the content of another version.
   * @throws POLICY_BUNDLE_INVALID with `details.problems` when the policy contradicts itself or its examples fail
   */
  async create(
    author: Author,
    input: { content?: PolicyContent; template?: string; basedOnVersion?: number },
  ): Promise<PolicyVersion> {
    const { scope, userId } = author;
    const { basedOnVersion } = input;
    const content =
      input.content ??
      (input.template === undefined ? undefined : templateNamed(input.template).content) ??
      (await this.#changes.get(scope, basedOnVersion ?? (await this.#changes.state(scope)).activeVersion)).content;
    refuseProblems(content);
    return this.#changes.change(author, async (state, now) => {
      const draft: PolicyVersion = {
        version: state.lastVersion + 1,
        status: 'draft',
        revision: 1,
        content,
        ...(basedOnVersion === undefined ? {} : { basedOnVersion }),
        createdAt: now,
        createdBy: userId,
        updatedAt: now,
      };
      return {
        state: { ...state, lastVersion: draft.version },
        versions: [draft],
        change: {
          change: 'draft_created',
          by: userId,
          reason:
            basedOnVersion === undefined ? 'A draft was begun.' : `A draft was begun from version ${basedOnVersion}.`,
          version: draft.version,
          revision: 1,
        },
        answersVersion: draft.version,
        result: () => draft,
      };
    });
  }

  /**
   * Changes a draft that is still as the author saw it.
   * @throws CONFLICT with the draft as it is now in `details.current`
   */
  async update(
    author: Author,
    version: number,
    input: { content: PolicyContent; revision: number },
  ): Promise<PolicyVersion> {
    const { scope, userId } = author;
    refuseProblems(input.content);
    return this.#changes.change(author, async (state, now) => {
      const current = await this.#changes.get(scope, version);
      if (current.status !== 'draft')
        throw new StewardError(
          'CONFLICT',
          `Policy version ${version} is ${current.status} and can't be changed any more. Begin a new draft from it.`,
          { details: { current } },
        );
      refuseOtherRevision(current, input.revision);
      const draft: PolicyVersion = {
        ...current,
        content: input.content,
        revision: current.revision + 1,
        updatedAt: now,
        updatedBy: userId,
      };
      return {
        state,
        versions: [draft],
        change: {
          change: 'draft_updated',
          by: userId,
          reason: 'The draft was changed.',
          version,
          revision: draft.revision,
        },
        answersVersion: draft.version,
        result: () => draft,
      };
    });
  }
}

/** @throws CONFLICT with the draft as it is now unless it has this revision */
export function refuseOtherRevision(current: PolicyVersion, revision: number): void {
  if (current.revision === revision) return;
  throw new StewardError(
    'CONFLICT',
    `${current.updatedBy ?? current.createdBy} changed draft ${current.version} meanwhile. Compare, then save yours again.`,
    { details: { current } },
  );
}
