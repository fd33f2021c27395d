import type {
  PolicyBundle,
  PolicyContent,
  RecordedAction,
  SimulatedDecision,
  SimulationChange,
  SimulationExample,
  SimulationResult,
} from '@steward/contracts';
import { decide } from '@steward/policy-engine';

/** One decision that was made, and what it was made from. */
export interface RecordedDecision {
  readonly eventId: string;
  readonly at: string;
  readonly userId: string;
  readonly sessionId?: string;
  /** What was decided then. */
  readonly decision: SimulatedDecision;
  /** Absent in records of runtimes that did not keep it. */
  readonly recorded?: RecordedAction;
}

/** What a replay counts and keeps. */
export interface ReplayOptions {
  readonly capabilities?: readonly string[];
  readonly userId?: string;
  readonly sessionId?: string;
  /** Examples kept per change; 5 unless given. */
  readonly examplesPerChange?: number;
}

interface Answer {
  readonly capability: string;
  readonly text: string;
  readonly after: SimulatedDecision;
}

const mostRemembered = 50_000;
const mostChanges = 500;
/** Reasons that came from the moment and not from the policy's text. */
const momentary: Readonly<Record<string, string>> = {
  KILL_SWITCH_ACTIVE: 'It was decided by the kill switch.',
  POLICY_ABSENT: 'It was decided without a policy.',
  POLICY_EXPIRED: 'It was decided by an expired policy.',
  POLICY_GRACE_READS_ONLY: 'It was decided by a policy in its grace time.',
  POLICY_INVALID: 'It was decided by a policy that could not be used.',
};

/**
 * Asks a policy about actions that were decided before and counts what would change. Same inputs, same result; equal
 * questions are asked once. An action that can't be asked about exactly is counted as not replayable, never guessed.
 */
export class Replay {
  readonly #bundle: PolicyBundle;
  readonly #options: ReplayOptions;
  readonly #answers = new Map<string, Answer>();
  readonly #changes = new Map<string, SimulationChange & { count: number; examples: SimulationExample[] }>();
  readonly #reasons = new Map<string, number>();
  readonly #counts = { recorded: 0, replayed: 0, unchanged: 0, changed: 0, notReplayable: 0 };

  constructor(policy: PolicyContent, options: ReplayOptions = {}) {
    this.#bundle = bundleOfContent(policy);
    this.#options = options;
  }

  get replayed(): number {
    return this.#counts.replayed;
  }

  add(item: RecordedDecision): void {
    const { userId, sessionId } = this.#options;
    if (userId !== undefined && item.userId !== userId) return;
    if (sessionId !== undefined && item.sessionId !== sessionId) return;
    const problem = whyNotReplayable(item);
    if (problem !== undefined) {
      this.#counts.recorded += 1;
      this.#counts.notReplayable += 1;
      this.#reasons.set(problem, (this.#reasons.get(problem) ?? 0) + 1);
      return;
    }
    const answer = this.#answer(item.recorded!);
    const { capabilities } = this.#options;
    if (capabilities !== undefined && !capabilities.includes(answer.capability)) return;
    this.#counts.recorded += 1;
    this.#counts.replayed += 1;
    if (answer.after.decision === item.decision.decision) this.#counts.unchanged += 1;
    else this.#noteChange(item, answer);
  }

  /** What was counted so far; the most frequent changes first. */
  result(): SimulationResult {
    const changes = [...this.#changes.values()].sort((one, other) => other.count - one.count).slice(0, mostChanges);
    const reasons = [...this.#reasons].map(([reason, count]) => ({ reason, count }));
    return {
      ...this.#counts,
      notReplayableReasons: reasons.sort((one, other) => other.count - one.count).slice(0, 20),
      changes: structuredClone(changes),
    };
  }

  #answer(recorded: RecordedAction): Answer {
    const key = JSON.stringify([
      recorded.toolName,
      recorded.arguments,
      recorded.sizes,
      recorded.facts,
      recorded.taskOptions,
    ]);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const decision = decide(
      this.#bundle,
      { toolName: recorded.toolName, arguments: argumentsOf(recorded) },
      recorded.facts ?? {},
      recorded.taskOptions === undefined ? {} : { taskOptions: recorded.taskOptions },
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
    // Only a bound keeps a span of ever new actions from filling the memory.
    if (this.#answers.size >= mostRemembered) this.#answers.clear();
    this.#answers.set(key, answer);
    return answer;
  }

  #noteChange(item: RecordedDecision, { capability, text, after }: Answer): void {
    this.#counts.changed += 1;
    const [reasonCode] = after.reasonCodes;
    const key = JSON.stringify([item.decision.decision, after.decision, capability, after.ruleId, reasonCode]);
    let change = this.#changes.get(key);
    if (change === undefined) {
      change = {
        from: item.decision.decision,
        to: after.decision,
        capability,
        ...(after.ruleId === undefined ? {} : { ruleId: after.ruleId }),
        ...(reasonCode === undefined ? {} : { reasonCode }),
        count: 0,
        examples: [],
      };
      this.#changes.set(key, change);
    }
    change.count += 1;
    if (change.examples.length >= (this.#options.examplesPerChange ?? 5)) return;
    if (change.examples.some(({ action }) => action.text === text)) return;
    change.examples.push({
      eventId: item.eventId,
      at: item.at,
      userId: item.userId,
      ...(item.sessionId === undefined ? {} : { sessionId: item.sessionId }),
      action: { toolName: item.recorded!.toolName, text },
      before: item.decision,
      after,
    });
  }
}

/** The counts of {@link Replay} over a whole list. Pure. */
export function simulate(
  actions: Iterable<RecordedDecision>,
  policy: PolicyContent,
  options: ReplayOptions = {},
): SimulationResult {
  const replay = new Replay(policy, options);
  for (const action of actions) replay.add(action);
  return replay.result();
}

function whyNotReplayable({ recorded, decision }: RecordedDecision): string | undefined {
  const moment = decision.reasonCodes.find((code) => code in momentary);
  if (moment !== undefined) return momentary[moment];
  if (recorded === undefined) return 'What it was decided from was not recorded.';
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
