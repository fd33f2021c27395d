/** A tool call that a job wants next. */
export interface WantedCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What the demo model says next: text, tool calls, or both. Without tool calls the job is finished. */
export interface AssistantTurn {
  readonly text: string;
  readonly calls: readonly WantedCall[];
}

/** A tool call of the thread, with its result once there is one. */
export interface DoneCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly result: string;
}

/**
 * A small job the demo model can do. Pure: the same prompt and the same calls always lead to the same turn, so a
 * conversation can be resumed by anybody who has its thread.
 */
export interface Job {
  /** Short name for logs and tests. */
  readonly name: string;
  /** The job's next turn, or `undefined` when the prompt asks for something else. */
  next(prompt: string, done: readonly DoneCall[]): AssistantTurn | undefined;
}

/** A closing answer. */
export function say(text: string): AssistantTurn {
  return { text, calls: [] };
}

/** An announcement followed by tool calls. */
export function use(text: string, ...calls: readonly WantedCall[]): AssistantTurn {
  return { text, calls };
}

/** The last finished call with this tool name for which `matches` holds. */
export function lastCall(
  done: readonly DoneCall[],
  name: string,
  matches: (call: DoneCall) => boolean = () => true,
): DoneCall | undefined {
  return done.filter((call) => call.name === name && matches(call)).at(-1);
}

/** True when the call named this path. */
export function ofPath(path: string): (call: DoneCall) => boolean {
  return (call) => call.arguments['path'] === path;
}
