/** One answer that broke a check, as the record of a run keeps it; the token is not in it. */
export interface FailureExample {
  readonly problem: string;
  readonly request: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly answer: string;
}

/** All failures of one check on one operation. */
export interface CheckFailure {
  readonly operation: string;
  readonly check: string;
  readonly count: number;
  /** Why it is none, for those that were looked at and explained. */
  readonly reason: string | null;
  readonly examples: readonly FailureExample[];
}

/** What one Schemathesis run wrote down. */
export interface RunRecord {
  readonly requests: number;
  /** Phase (`examples`, `coverage`, `fuzzing`, `stateful`, `again by a stranger`) → requests. */
  readonly phases: Readonly<Record<string, number>>;
  /** Flows of several requests, along links. */
  readonly flows: number;
  /** Names of the checks that every answer went through. */
  readonly checks: readonly string[];
  /** Operation → status → answers. */
  readonly operations: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly failures: readonly CheckFailure[];
  readonly explained: readonly CheckFailure[];
  /** Prefix (`ws`, `sess`, …) → ids that were seen in successful answers. */
  readonly ids: Readonly<Record<string, readonly string[]>>;
  /** Prefix → every id that was named by a successful answer to a request that changes something. */
  readonly made: Readonly<Record<string, readonly string[]>>;
  /** Status → answers to somebody of another tenant who sent the same requests. */
  readonly strangers: Readonly<Record<string, number>>;
  /** Ids that this somebody sent or was given: to see them again is no leak, also in a later run. */
  readonly strangersOwn: readonly string[];
}

/** A record of nothing. */
export const emptyRecord: RunRecord = {
  requests: 0,
  phases: {},
  flows: 0,
  checks: [],
  operations: {},
  failures: [],
  explained: [],
  ids: {},
  made: {},
  strangers: {},
  strangersOwn: [],
};

/** Kinds of ids that clients choose, so that two tenants may each have a thing of one id. */
const chosenByClients = new Set(['appr', 'evt', 'task']);

/** What two runs saw together. */
export function mergeRecords(left: RunRecord, right: RunRecord): RunRecord {
  const operations: Record<string, Readonly<Record<string, number>>> = { ...left.operations };
  for (const [operation, statuses] of Object.entries(right.operations)) {
    operations[operation] = addCounts(operations[operation] ?? {}, statuses);
  }
  const strangersOwn = [...new Set([...left.strangersOwn, ...right.strangersOwn])];
  return {
    requests: left.requests + right.requests,
    phases: addCounts(left.phases, right.phases),
    flows: left.flows + right.flows,
    checks: [...new Set([...left.checks, ...right.checks])],
    operations,
    failures: mergeFailures(left.failures, right.failures),
    explained: mergeFailures(left.explained, right.explained),
    ids: foreignOf(mergeIds(left.ids, right.ids), new Set(strangersOwn)),
    made: mergeIds(left.made, right.made),
    strangers: addCounts(left.strangers, right.strangers),
    strangersOwn,
  };
}

/** The verdict on one operation. */
export interface OperationVerdict {
  readonly operation: string;
  readonly statuses: Readonly<Record<string, number>>;
  /** Empty when it passed. */
  readonly problems: readonly string[];
  /** The documented reason why no request of a run can succeed. */
  readonly excused?: string;
}

/**
 * One verdict per operation of the documents, in their order. An operation fails when a check failed on it, when it was
 * never called, or when it was never answered with success although no reason is documented; it also fails when the
 * documented reason no longer holds.
 */
export function judgeOperations(
  operations: readonly string[],
  record: RunRecord,
  neverSucceeds: Readonly<Record<string, string>>,
  leftToLongRun: readonly string[] = [],
): OperationVerdict[] {
  return operations.map((operation) => {
    const statuses = record.operations[operation] ?? {};
    const succeeded = Object.keys(statuses).some((status) => status.startsWith('2'));
    const reason = neverSucceeds[operation];
    const problems = record.failures
      .filter((failure) => failure.operation === operation)
      .map(({ check, count }) => `${check} (${count})`);
    if (Object.keys(statuses).length === 0) problems.push('was never called');
    else if (!succeeded && reason === undefined && !leftToLongRun.includes(operation))
      problems.push('was never answered with success');
    if (succeeded && reason !== undefined) problems.push('succeeds although a reason is documented why it can not');
    return { operation, statuses, problems, ...(reason === undefined ? {} : { excused: reason }) };
  });
}

function addCounts(
  left: Readonly<Record<string, number>>,
  right: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sum = { ...left };
  for (const [status, count] of Object.entries(right)) sum[status] = (sum[status] ?? 0) + count;
  return sum;
}

type Ids = Readonly<Record<string, readonly string[]>>;

function mergeIds(left: Ids, right: Ids): Ids {
  const merged: Record<string, readonly string[]> = { ...left };
  for (const [kind, found] of Object.entries(right)) merged[kind] = [...new Set([...(merged[kind] ?? []), ...found])];
  return merged;
}

/** Without those that a stranger gave to things of their own. */
function foreignOf(ids: Ids, own: ReadonlySet<string>): Ids {
  return Object.fromEntries(
    Object.entries(ids).map(([kind, found]) => [
      kind,
      chosenByClients.has(kind) ? found.filter((id) => !own.has(id)) : found,
    ]),
  );
}

const EXAMPLES_KEPT = 5;

function mergeFailures(left: readonly CheckFailure[], right: readonly CheckFailure[]): CheckFailure[] {
  const merged = new Map<string, CheckFailure>();
  for (const failure of [...left, ...right]) {
    const key = JSON.stringify([failure.operation, failure.check, failure.reason]);
    const known = merged.get(key);
    const count = (known?.count ?? 0) + failure.count;
    const examples = [...(known?.examples ?? []), ...failure.examples].slice(0, EXAMPLES_KEPT);
    merged.set(key, { ...failure, count, examples });
  }
  return [...merged.values()];
}
