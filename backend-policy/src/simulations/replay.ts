import type {
  PolicyBundle,
  PolicyContent,
  RecordedAction,
  SimulatedDecision,
  SimulationResult,
} from '@steward/contracts';
import { judge } from '@steward/policy-engine';
import type { RecordedGroup } from './action-source.ts';
import { BoundedMemo } from './bounded-memo.ts';
import { ChangeTally } from './change-tally.ts';
import { readContent } from './recorded-content.ts';
import type { RecordedContent } from './recorded-content.ts';
import { examplesOf, resultOf } from './replay-part.ts';
import type { ReplayPart } from './replay-part.ts';

/** What a replay counts and keeps. */
export interface ReplayOptions {
  readonly capabilities?: readonly string[];
  readonly userId?: string;
  readonly sessionId?: string;
  /** Examples kept per change; 5 unless given. */
  readonly examplesPerChange?: number;
}

/** How many replays share the actions of one simulation, and with them the memory it may take. */
interface ReplayCompany {
  readonly replays: number;
}

interface Answer {
  readonly capability: string;
  readonly text: string;
  readonly after: SimulatedDecision;
}

/** What is known of a content: nothing was recorded, it can't be asked about, or what the policy answers. */
type Known =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'answer'; readonly toolName: string; readonly before: SimulatedDecision; readonly answer: Answer };

/** Of one simulation; entries are some hundred bytes beside their text. */
const remembered = { entries: 250_000, characters: 64_000_000 };
/** Reasons that came from the moment and not from the policy's text. */
const momentary: Readonly<Record<string, string>> = {
  KILL_SWITCH_ACTIVE: 'It was decided by the kill switch.',
  POLICY_ABSENT: 'It was decided without a policy.',
  POLICY_EXPIRED: 'It was decided by an expired policy.',
  POLICY_GRACE_READS_ONLY: 'It was decided by a policy in its grace time.',
  POLICY_INVALID: 'It was decided by a policy that could not be used.',
};

/**
 * Asks a policy about actions that were decided before and counts what would change. Same actions, same result, in
 * whatever order and groups they come; equal questions are asked once. An action that can't be asked about exactly is
 * counted as not replayable, never guessed.
 */
export class Replay {
  readonly #bundle: PolicyBundle;
  readonly #options: ReplayOptions;
  readonly #known: BoundedMemo<Known>;
  readonly #answers: BoundedMemo<Answer>;
  readonly #changes: ChangeTally;
  readonly #reasons = new Map<string, number>();
  readonly #counts = { recorded: 0, replayed: 0, unchanged: 0, changed: 0, notReplayable: 0 };

  constructor(policy: PolicyContent, options: ReplayOptions = {}, { replays }: ReplayCompany = { replays: 1 }) {
    this.#bundle = bundleOfContent(policy);
    this.#options = options;
    this.#changes = new ChangeTally(examplesOf(options));
    const share = { entries: remembered.entries / replays, characters: remembered.characters / replays };
    this.#known = new BoundedMemo(share);
    this.#answers = new BoundedMemo(share);
  }

  get replayed(): number {
    return this.#counts.replayed;
  }

  add(group: RecordedGroup): void {
    const { userId, sessionId, capabilities } = this.#options;
    if (userId !== undefined && group.userId !== userId) return;
    if (sessionId !== undefined && group.sessionId !== sessionId) return;
    const known = this.#knownOf(group.content);
    const { count } = group;
    if (known.kind === 'nothing') return;
    if (known.kind === 'problem') {
      this.#counts.recorded += count;
      this.#counts.notReplayable += count;
      this.#reasons.set(known.problem, (this.#reasons.get(known.problem) ?? 0) + count);
      return;
    }
    const { answer, before } = known;
    if (capabilities !== undefined && !capabilities.includes(answer.capability)) return;
    this.#counts.recorded += count;
    this.#counts.replayed += count;
    if (answer.after.decision === before.decision) this.#counts.unchanged += count;
    else this.#noteChange(group, known);
  }

  /** What was counted so far, whole, to be put together with what others counted of other actions. */
  part(): ReplayPart {
    return { ...this.#counts, reasons: [...this.#reasons], changes: this.#changes.changes() };
  }

  /** What was counted so far; the most frequent changes and reasons first. */
  result(): SimulationResult {
    return resultOf([this.part()], this.#options);
  }

  #knownOf(text: string): Known {
    const key = BoundedMemo.keyOf(text);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const content = readContent(text);
    const found = content === undefined ? ({ kind: 'nothing' } as const) : this.#judge(content);
    this.#known.add(key, found, found.kind === 'answer' ? lengthOf(found.before) + found.answer.text.length : 0);
    return found;
  }

  #judge({ decision, recorded }: RecordedContent): Known {
    const problem = whyNotReplayable(decision, recorded);
    if (problem !== undefined || recorded === undefined) return { kind: 'problem', problem: problem ?? notRecorded };
    return { kind: 'answer', toolName: recorded.toolName, before: decision, answer: this.#answer(recorded) };
  }

  /** The same question may have been answered differently then, so that it stands in several contents. */
  #answer(recorded: RecordedAction): Answer {
    const { toolName, facts, taskOptions } = recorded;
    const question = [toolName, recorded.arguments, recorded.sizes, facts, taskOptions];
    const key = BoundedMemo.keyOf(JSON.stringify(question));
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const decision = judge(
      this.#bundle,
      { toolName, arguments: argumentsOf(recorded) },
      facts ?? {},
      taskOptions === undefined ? {} : { taskOptions },
    );
    const { capability, command, path, url } = decision.normalizedAction;
    const answer: Answer = {
      capability,
      text: (command ?? url ?? path ?? '').slice(0, 500),
      after: {
        decision: decision.decision,
        reasonCodes: decision.reasonCodes,
        ...(decision.ruleId === undefined ? {} : { ruleId: decision.ruleId }),
        ...(decision.explanation === undefined ? {} : { explanation: decision.explanation }),
      },
    };
    this.#answers.add(key, answer, lengthOf(answer.after) + answer.text.length);
    return answer;
  }

  #noteChange(group: RecordedGroup, { toolName, before, answer }: Extract<Known, { kind: 'answer' }>): void {
    const { eventId, at, userId, sessionId, count } = group;
    const { text, capability, after } = answer;
    const [reasonCode] = after.reasonCodes;
    this.#counts.changed += count;
    const kind = {
      from: before.decision,
      to: after.decision,
      capability,
      ...(after.ruleId === undefined ? {} : { ruleId: after.ruleId }),
      ...(reasonCode === undefined ? {} : { reasonCode }),
    };
    this.#changes.note(kind, count, text, at, () => ({
      eventId,
      at,
      userId,
      ...(sessionId === undefined ? {} : { sessionId }),
      action: { toolName, text },
      before,
      after,
    }));
  }
}

/** The counts of {@link Replay} over a whole list. Pure. */
export function simulate(
  actions: Iterable<RecordedGroup>,
  policy: PolicyContent,
  options: ReplayOptions = {},
): SimulationResult {
  const replay = new Replay(policy, options);
  for (const action of actions) replay.add(action);
  return replay.result();
}

/** About how many characters a decision holds. */
function lengthOf({ explanation = '', reasonCodes }: SimulatedDecision): number {
  return explanation.length + 20 * reasonCodes.length;
}

const notRecorded = 'What it was decided from was not recorded.';

function whyNotReplayable(decision: SimulatedDecision, recorded: RecordedAction | undefined): string | undefined {
  const moment = decision.reasonCodes.find((code) => Object.hasOwn(momentary, code));
  if (moment !== undefined) return momentary[moment];
  if (recorded === undefined) return notRecorded;
  if (!recorded.replayable) return recorded.reason ?? 'What it was decided from was not recorded whole.';
  return undefined;
}

/** Arguments that only count by their size are filled up to it. */
function argumentsOf({ arguments: args = {}, sizes = {} }: RecordedAction): Record<string, unknown> {
  const filled = Object.entries(sizes).map(([name, bytes]) => [
    name,
    ' '.repeat(Math.min(bytes, 512 * 1024 * 1024 - 64)),
  ]);
  return { ...args, ...(Object.fromEntries(filled) as Record<string, unknown>) };
}

/** The policy as a bundle whose times and switch are not looked at: what is asked is what the text says. */
function bundleOfContent(content: PolicyContent): PolicyBundle {
  const { name, description: _description, ...statement } = content;
  return {
    ...statement,
    policyName: name,
    policyBundleVersion: 1,
    schemaVersion: 1,
    tenantId: 'simulation',
    userId: 'simulation',
    sessionId: 'sess_00000000000000000000000000',
    issuedAt: '1970-01-01T00:00:00.000Z',
    expiresAt: '9999-12-31T23:59:59.999Z',
    killSwitch: false,
  };
}
