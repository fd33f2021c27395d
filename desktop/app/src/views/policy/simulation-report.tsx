import type { SimulationChange, SimulationExample, SimulationResult } from '@steward/contracts';
import type { ReactNode } from 'react';
import { formatCount } from '../../format/numbers.ts';
import { text } from '../../text/catalogue.ts';
import { reasonSentence } from '../../text/reasons.ts';
import { Emphasised } from '../../ui/emphasised.tsx';
import { Ago } from '../../ui/time.tsx';

const t = text.policy;
const tones = { allow: 'ok', require_approval: 'warn', deny: 'danger' };

/** Counts of every change of decision, most frequent first, each with actions that it would have met. */
export function SimulationReport({ result }: { readonly result: SimulationResult }): ReactNode {
  return (
    <div className="stack" data-testid="simulation-report">
      <dl className="counts">
        <Count label={t.unchanged} value={result.unchanged} />
        {(['allow', 'require_approval', 'deny'] as const).map((to) => (
          <Count
            key={to}
            label={t.nowDecided[to]}
            value={result.changes.filter((change) => change.to === to).reduce((sum, change) => sum + change.count, 0)}
          />
        ))}
      </dl>
      {result.notReplayable > 0 ? (
        <div className="small soft">
          <p>{t.notReplayed(formatCount(result.notReplayable))}</p>
          <ul>
            {result.notReplayableReasons.map(({ reason, count }) => (
              <li key={reason}>
                {formatCount(count)}: {reason}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {result.recorded === 0 ? <p>{t.nothingRecorded}</p> : null}
      {result.recorded > 0 && result.changed === 0 ? <p>{t.nothingChanges}</p> : null}
      {result.changes.map((change, index) => (
        <Change key={index} change={change} isOpen={index === 0} />
      ))}
    </div>
  );
}

function Count({ label, value }: { readonly label: string; readonly value: number }): ReactNode {
  return (
    <div>
      <dt className="small soft">{label}</dt>
      <dd>{formatCount(value)}</dd>
    </div>
  );
}

function Change({ change, isOpen }: { readonly change: SimulationChange; readonly isOpen: boolean }): ReactNode {
  return (
    <details className="card capability" data-testid="simulation-change" open={isOpen}>
      <summary>
        <span className="row grow wrap">
          <strong>{formatCount(change.count)}</strong>
          <span className="badge">{t.decisions[change.from]}</span>→
          <span className={`badge ${tones[change.to]}`}>{t.decisions[change.to]}</span>
          <span className="small soft mono truncate">{change.ruleId ?? change.capability}</span>
        </span>
      </summary>
      <div className="capability-body">
        {change.reasonCode ? <p className="small">{reasonSentence(change.reasonCode)}</p> : null}
        <ul className="stack" aria-label={t.examples}>
          {change.examples.map((example) => (
            <Example key={example.eventId} example={example} />
          ))}
        </ul>
      </div>
    </details>
  );
}

function Example({ example }: { readonly example: SimulationExample }): ReactNode {
  return (
    <li className="example">
      <code className="truncate" title={example.action.text}>
        {example.action.text}
      </code>
      <span className="small soft">
        {example.userId}, <Ago iso={example.at} />
      </span>
      {example.after.explanation ? (
        <span className="small">
          <Emphasised source={example.after.explanation} />
        </span>
      ) : null}
    </li>
  );
}
