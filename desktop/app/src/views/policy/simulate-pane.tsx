import type { PolicyVersion, Simulation } from '@steward/contracts';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { formatCount } from '../../format/numbers.ts';
import { attempt } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Segments } from '../../ui/controls.tsx';
import { SimulationReport } from './simulation-report.tsx';

const t = text.policy;
const dayMs = 86_400_000;
const spans = { day: dayMs, week: 7 * dayMs, month: 30 * dayMs };
const POLL_MS = 400;

/** Replays recorded actions against the draft in the background and shows what would be decided otherwise. */
export function SimulatePane({ draft, ready }: { readonly draft: PolicyVersion; readonly ready: boolean }): ReactNode {
  const [span, setSpan] = useState<keyof typeof spans>('week');
  const [simulation, setSimulation] = useState<Simulation | null>(null);
  const going = simulation?.status === 'queued' || simulation?.status === 'running';
  useFollow(simulation, going, setSimulation);
  const start = (): void =>
    void attempt(async () => {
      const now = Date.now();
      setSimulation(
        await host().call('simulatePolicy', {
          from: new Date(now - spans[span]).toISOString(),
          to: new Date(now).toISOString(),
          version: draft.version,
        }),
      );
    });
  const stop = (simulationId: string): void =>
    void attempt(async () => setSimulation(await host().call('cancelSimulation', { simulationId })));

  return (
    <div className="simulate">
      <p className="soft">{t.simulateLead}</p>
      <div className="row wrap">
        <span className="small">{t.period}</span>
        <Segments label={t.period} value={span} options={t.periods} onChange={setSpan} />
        <Button small tone="primary" isDisabled={!ready || going} onPress={start}>
          {simulation && !going ? t.simulateAgain : t.simulate}
        </Button>
        {simulation && going ? (
          <Button small onPress={() => stop(simulation.simulationId)}>
            {t.stopSimulation}
          </Button>
        ) : null}
      </div>
      {ready ? null : <p className="small soft">{t.simulateUnsaved}</p>}
      {simulation ? <Progress simulation={simulation} going={going} /> : null}
      {simulation?.result ? <SimulationReport result={simulation.result} /> : null}
    </div>
  );
}

function Progress({ simulation, going }: { readonly simulation: Simulation; readonly going: boolean }): ReactNode {
  const { progress, status } = simulation;
  const tone = { queued: '', running: 'accent', completed: 'ok', cancelled: 'warn', failed: 'danger' }[status];
  return (
    <div className="stack" role="status" data-testid="simulation" data-status={status}>
      <div className="row">
        <span className={`badge ${tone}`}>{t.simulationStates[status]}</span>
        <span className="small soft">{t.progress(formatCount(progress.replayed), formatCount(progress.read))}</span>
      </div>
      {going ? (
        <progress className="progress-bar" aria-label={t.simulationStates[status]} max={1} value={progress.fraction} />
      ) : null}
      {simulation.message ? <p role="alert">{simulation.message}</p> : null}
    </div>
  );
}

/** Asks for the state of a running simulation until it has ended. */
function useFollow(simulation: Simulation | null, going: boolean, take: (simulation: Simulation) => void): void {
  useEffect(() => {
    if (!simulation || !going) return undefined;
    const timer = setTimeout(
      () =>
        void attempt(async () => take(await host().call('getSimulation', { simulationId: simulation.simulationId }))),
      POLL_MS,
    );
    return () => clearTimeout(timer);
  }, [simulation, going, take]);
}
