/**
 * The only way to a tool. For each call, in this order and with no path around a stage:
 *
 *   1. decide          the pure policy decision about the validated action and the facts of the machine
 *   2. approve         where the decision asks: a person's recorded answer about exactly this action digest
 *   3. decide again    after any wait, with fresh facts; another digest or a denial ends it here
 *   4. record intent   what is about to change, on the disk before it changes (side effects only)
 *   5. execute         inside walls made of the same decision
 *   6. record outcome  before anybody hears of it
 *
 * Decisions are made in the order of the calls, approvals wait side by side, calls run at once unless one writes what
 * another touches, results come back in the order of the calls.
 */
import { statSync } from 'node:fs';
import type { ConversationMessage, DecisionSummary, ToolCallRequest } from '@steward/contracts';
import { timestampOf } from '@steward/sdk';
import type { ToolOutcome } from '@steward/tool-port';
import { waitsFor } from './call-order.ts';
import { CallJudge } from './call-judge.ts';
import type { Admitted } from './call-judge.ts';
import { CallRunner } from './call-runner.ts';
import type { GateContext, ToolGateDeps } from './gate-types.ts';
import { PauseSignal } from './pause.ts';
import { toolMessage } from './tool-message.ts';

interface Ended {
  readonly outcome: ToolOutcome;
  readonly summary?: DecisionSummary;
}

/** See the head of this file. */
export class ToolGate {
  readonly #deps: ToolGateDeps;
  readonly #judge: CallJudge;
  readonly #runner: CallRunner;

  constructor(deps: ToolGateDeps) {
    this.#deps = deps;
    this.#judge = new CallJudge(deps);
    this.#runner = new CallRunner(deps);
  }

  /**
   * Takes the calls of one step through the gate and returns their messages for the thread, in order. A call that has
   * an outcome or an intent in the journal is never run again unless it is proved that it did nothing.
   * Rejects with a pause signal or a journal error when the folder or the disk is not there; calls that had not begun
   * can then be handed in again.
   */
  async run(calls: readonly ToolCallRequest[], context: GateContext): Promise<ConversationMessage[]> {
    this.#deps.onStage('CHECKING_POLICY');
    this.#checkFolder();
    const verdicts = [];
    for (const call of calls) {
      const known = await this.#runner.recover(call, context);
      verdicts.push(known === undefined ? await this.#judge.decide(call, context) : { ended: known });
    }
    if (verdicts.some((verdict) => 'ask' in verdict)) this.#deps.onStage('WAITING_FOR_APPROVAL');
    const admitted = await Promise.all(verdicts.map((verdict) => ('ask' in verdict ? verdict.ask() : verdict)));
    this.#deps.onStage('EXECUTING_TOOLS');
    const ended = await this.#execute(calls, admitted, context);
    return calls.map((call, index) => this.#messageOf(call, ended[index]!));
  }

  #messageOf(call: ToolCallRequest, { outcome, summary }: Ended): ConversationMessage {
    return toolMessage(call, outcome, summary, {
      messageId: this.#deps.newId('msg'),
      timestamp: timestampOf(this.#deps.clock),
    });
  }

  /**
   * What became of calls that were begun before: their messages, in order. Runs nothing; calls that had no effect yet
   * have no message.
   */
  async recover(calls: readonly ToolCallRequest[], context: GateContext): Promise<ConversationMessage[]> {
    const found: ConversationMessage[] = [];
    for (const call of calls) {
      const known = await this.#runner.recover(call, context);
      if (known !== undefined) found.push(this.#messageOf(call, known));
    }
    return found;
  }

  /** Looks again at the calls that wait for a person, after the policy became stricter. */
  reconsider(): Promise<void> {
    return this.#judge.reconsider();
  }

  /** Stages 4 to 6 of every admitted call, each as soon as the calls that it must follow have ended. */
  async #execute(
    calls: readonly ToolCallRequest[],
    verdicts: readonly ({ ended: Ended } | { admitted: Admitted })[],
    context: GateContext,
  ): Promise<Ended[]> {
    const order = waitsFor(
      verdicts.map((verdict) => ('admitted' in verdict ? verdict.admitted.touches : { writes: [] })),
    );
    const running: Promise<Ended>[] = [];
    for (const [index, verdict] of verdicts.entries()) {
      const call = calls[index]!;
      if ('ended' in verdict) {
        running.push(Promise.resolve(verdict.ended));
        continue;
      }
      const before = order[index]!.map((at) => running[at]!);
      running.push(
        before.length === 0
          ? this.#runner.run(call, verdict.admitted, context)
          : Promise.all(before).then(() => this.#runner.run(call, verdict.admitted, context)),
      );
    }
    // Every call ends before a failure is passed on, so that nothing is left running behind a pause.
    const results = await Promise.allSettled(running);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return results.map((result) => (result as PromiseFulfilledResult<Ended>).value);
  }

  #checkFolder(): void {
    const projectDir = this.#deps.store.state.facts?.projectDir;
    // Waiting for the answer costs microseconds; a round through the thread pool costs a good part of a step.
    if (projectDir === undefined || statSync(projectDir, { throwIfNoEntry: false })?.isDirectory() === true) return;
    throw new PauseSignal(
      'FILE_NOT_FOUND',
      `The project folder ${projectDir} is not there any more. Bring it back, then resume.`,
      'folder',
    );
  }
}
