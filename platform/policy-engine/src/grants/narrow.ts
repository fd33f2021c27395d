import type { ApprovalMode, CapabilityName, Grant, GrantLink, GrantNarrowing, PolicyBundle } from '@steward/contracts';

/** What a holder asks to hand on: who takes away what, and when. */
export type GrantRequest = GrantLink;

/** Most links of one chain; a longer one is refused. */
export const maxGrantLinks = 16;

/**
 * A grant with one more link. The link is merged with what came before, so that nothing in it is wider than its
 * parent; the parent is left as it is. Pure. Throws a RangeError when the chain is full.
 */
export function narrowGrant(parent: Grant, request: GrantRequest): Grant {
  if (parent.links.length >= maxGrantLinks)
    throw new RangeError(`A grant has at most ${maxGrantLinks} links; ask the session for a new one.`);
  const before = narrowingOf(parent);
  const narrowing = mergeNarrowings(before, request.narrowing);
  const link: GrantLink = {
    by: request.by,
    at: request.at,
    ...(request.taskId === undefined ? {} : { taskId: request.taskId }),
    narrowing,
  };
  return { ...parent, links: [...parent.links, link] };
}

/** Everything that the chain takes away, in one piece. */
export function narrowingOf(grant: Pick<Grant, 'links'>): GrantNarrowing {
  return grant.links.reduce<GrantNarrowing>((all, link) => mergeNarrowings(all, link.narrowing), {});
}

const modes: readonly ApprovalMode[] = ['on_risky_actions', 'always', 'never'];

/**
 * Both at once. Capabilities meet in what both keep. Lists of paths, commands, domains and tools stay those of the later
 * link; that they are not wider is seen to where a decision is made, under every link of the chain.
 */
function mergeNarrowings(first: GrantNarrowing, second: GrantNarrowing): GrantNarrowing {
  const capabilities = both(first.capabilities, second.capabilities);
  const expiresAt = earliest(first.expiresAt, second.expiresAt);
  const approvalMode = stricterMode(first.approvalMode, second.approvalMode);
  const lists = { ...listsOf(first), ...listsOf(second) };
  return {
    ...lists,
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(first.allowNetwork === false || second.allowNetwork === false ? { allowNetwork: false } : {}),
    ...(approvalMode === undefined ? {} : { approvalMode }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function listsOf(narrowing: GrantNarrowing): Pick<GrantNarrowing, 'paths' | 'commands' | 'domains' | 'toolNames'> {
  const { paths, commands, domains, toolNames } = narrowing;
  return {
    ...(paths === undefined ? {} : { paths }),
    ...(commands === undefined ? {} : { commands }),
    ...(domains === undefined ? {} : { domains }),
    ...(toolNames === undefined ? {} : { toolNames }),
  };
}

function both(
  first: readonly CapabilityName[] | undefined,
  second: readonly CapabilityName[] | undefined,
): CapabilityName[] | undefined {
  if (first === undefined || second === undefined) return second === undefined ? first && [...first] : [...second];
  return first.filter((name) => second.includes(name));
}

function earliest(first: string | undefined, second: string | undefined): string | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  // A time that can't be read is past, and stays so.
  if (Number.isNaN(Date.parse(first))) return first;
  return Number.isNaN(Date.parse(second)) || Date.parse(second) < Date.parse(first) ? second : first;
}

/** `always` and `never` do not contain each other: whoever asks before everything and may ask nobody is left with reads. */
function stricterMode(first: ApprovalMode | undefined, second: ApprovalMode | undefined): ApprovalMode | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return modes.indexOf(first) >= modes.indexOf(second) ? first : second;
}

/** The bundle as one link leaves it: grants outside its lists are gone, blocks and rules stay. */
export function narrowBundle(bundle: PolicyBundle, narrowing: GrantNarrowing): PolicyBundle {
  const { capabilities: kept, paths, commands, domains, toolNames } = narrowing;
  return {
    ...bundle,
    capabilities: bundle.capabilities
      .filter(({ name }) => kept === undefined || kept.includes(name))
      .map((capability) => ({
        ...capability,
        // What no list names can't be asked for under a link that names what there is.
        ...(changesLists(narrowing) ? { unlisted: 'deny' as const } : {}),
        ...(paths !== undefined && capability.name.startsWith('File.') ? { allowedPaths: paths } : {}),
        ...(commands !== undefined && capability.name === 'Shell.Exec' ? { allowedCommands: commands } : {}),
        ...(domains !== undefined && capability.name === 'Network.Http' ? { allowedDomains: domains } : {}),
        ...(toolNames !== undefined && capability.name === 'BackendTool.Invoke' ? { allowedToolNames: toolNames } : {}),
      })),
  };
}

/** Whether a link changes the bundle and not only the circumstances of a decision. */
export function changesBundle(narrowing: GrantNarrowing): boolean {
  return narrowing.capabilities !== undefined || changesLists(narrowing);
}

function changesLists({ paths, commands, domains, toolNames }: GrantNarrowing): boolean {
  return paths !== undefined || commands !== undefined || domains !== undefined || toolNames !== undefined;
}
