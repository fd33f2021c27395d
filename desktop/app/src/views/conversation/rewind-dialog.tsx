import type { Checkpoint } from '@steward/contracts';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { attempt } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { navigate, useAppStore } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure, Skeleton } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { useQuery } from '../../ui/use-query.ts';
import { usePages } from '../history/use-pages.ts';
import { RewindPlanView } from './rewind-plan-view.tsx';

const t = text.rewind;

/** Choose an earlier step, see what going back undoes and what stays done, then go back or fork from there. */
export function RewindDialog(props: { readonly sessionId: string; readonly onClose: () => void }): ReactNode {
  const { sessionId, onClose } = props;
  const running = useAppStore((state) => {
    const thread = state.threads[sessionId];
    return thread?.task?.running === true && thread.pause === null;
  });
  const steps = usePages(`checkpoints:${sessionId}`, (cursor) =>
    host().call('getCheckpoints', { sessionId, ...(cursor === null ? {} : { cursor }) }),
  );
  const [chosenId, setChosenId] = useState<string | null>(null);
  const checkpointId = chosenId ?? steps.items[0]?.checkpointId ?? null;
  const plan = useQuery(checkpointId && `plan:${checkpointId}`, () =>
    host().call('getRewindPlan', { sessionId, checkpointId: checkpointId ?? '' }),
  );
  const [force, setForce] = useState(false);
  const [busy, setBusy] = useState(false);
  const act = async (run: () => Promise<void>): Promise<void> => {
    setBusy(true);
    const done = await attempt(run);
    setBusy(false);
    if (done) onClose();
    else plan.reload();
  };
  const goBack = (): Promise<void> =>
    act(async () => {
      if (plan.data)
        await host().call('rewind', {
          sessionId,
          checkpointId: plan.data.checkpointId,
          planDigest: plan.data.planDigest,
          force,
        });
    });
  const fork = (): Promise<void> =>
    act(async () => {
      const { sessionId: forked } = await host().call('forkConversation', {
        sessionId,
        checkpointId: checkpointId ?? '',
      });
      navigate({ view: 'conversation', sessionId: forked, patch: false });
    });
  const footer = (
    <>
      <Button onPress={onClose}>{text.app.cancel}</Button>
      <span className="grow" />
      <Button isDisabled={busy || checkpointId === null} onPress={() => void fork()}>
        {t.fork}
      </Button>
      <Button tone="danger-fill" isPending={busy} isDisabled={running || !plan.data} onPress={() => void goBack()}>
        {t.confirm}
      </Button>
    </>
  );

  return (
    <Dialog wide isOpen title={t.title} onClose={onClose} footer={footer}>
      <p className="soft">{t.lead}</p>
      {steps.error ? <Failure title={t.loadFailed} error={steps.error} onRetry={steps.reload} /> : null}
      {steps.loading && steps.items.length === 0 ? <Skeleton /> : null}
      {!steps.loading && !steps.error && steps.items.length === 0 ? <p>{t.none}</p> : null}
      {steps.items.length > 0 ? (
        <fieldset className="radio-group checkpoints" data-testid="checkpoints">
          <legend className="visually-hidden">{t.checkpoints}</legend>
          {steps.items.map((checkpoint) => (
            <label key={checkpoint.checkpointId} className="radio checkpoint">
              <input
                type="radio"
                name="checkpoint"
                checked={checkpoint.checkpointId === checkpointId}
                onChange={() => setChosenId(checkpoint.checkpointId)}
              />
              <span className="grow truncate">{nameOf(checkpoint)}</span>
              {checkpoint.at ? (
                <span className="small soft">
                  <Ago iso={checkpoint.at} />
                </span>
              ) : null}
            </label>
          ))}
        </fieldset>
      ) : null}
      {steps.more ? (
        <Button small onPress={steps.more}>
          {text.app.loadMore}
        </Button>
      ) : null}
      {plan.error ? <Failure title={t.loadFailed} error={plan.error} onRetry={plan.reload} /> : null}
      {plan.data ? <RewindPlanView plan={plan.data} force={force} onForce={setForce} /> : null}
      <p className="small soft" role="status">
        {running ? t.running : t.forkHint}
      </p>
    </Dialog>
  );
}

function nameOf({ kind, stepNumber = 1, prompt }: Checkpoint): string {
  return kind === 'before_prompt' ? t.beforePrompt(prompt) : t.afterStep(stepNumber, prompt);
}
