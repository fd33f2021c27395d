import type { PolicyDifference, PolicyVersion } from '@steward/contracts';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { host } from '../../state/app-runtime.ts';
import { text } from '../../text/catalogue.ts';
import { JsonEditor } from '../../ui/json-editor/json-editor.tsx';
import { Failure, Skeleton } from '../../ui/states.tsx';
import { useQuery } from '../../ui/use-query.ts';
import type { DraftState } from './draft-editing.ts';
import { fromText, toText } from './policy-content.ts';

const t = text.policy;
const effects = {
  widens: { words: t.widens, tone: 'danger' },
  narrows: { words: t.narrows, tone: 'ok' },
  mixed: { words: t.undecided, tone: 'warn' },
  neutral: { words: t.neutral, tone: '' },
};

/** What the draft changes in the active policy: in words with what each means for an agent, then line by line. */
export function ChangesPane(props: { readonly state: DraftState; readonly active: PolicyVersion | null }): ReactNode {
  const { state, active } = props;
  const content = useMemo(() => fromText(state.text), [state.text]);
  const { data, error, reload } = useQuery(content ? `diff:${state.text}` : null, () =>
    host().call('diffPolicy', content ? { content } : {}),
  );
  if (!content) return <p className="soft policy-note">{t.formUnavailable}</p>;
  return (
    <div className="policy-changes">
      <h3>{t.changesTitle(active?.version ?? null)}</h3>
      {error ? <Failure title={t.loadFailed} error={error} onRetry={reload} /> : null}
      {!data && !error ? <Skeleton /> : null}
      {data?.differences.length === 0 ? <p className="soft">{t.noChanges}</p> : null}
      <ul className="differences" aria-label={t.tabs.changes}>
        {(data?.differences ?? []).map((difference, index) => (
          <Difference key={index} difference={difference} />
        ))}
      </ul>
      {active && data && data.differences.length > 0 ? (
        <div className="changes-text">
          <JsonEditor label={t.changesTitle(active.version)} value={state.text} comparedTo={toText(active.content)} />
        </div>
      ) : null}
    </div>
  );
}

function Difference({ difference }: { readonly difference: PolicyDifference }): ReactNode {
  const { words, tone } = effects[difference.effect];
  return (
    <li className="difference" data-testid="difference" data-effect={difference.effect}>
      <span className={`badge ${tone}`}>{words}</span>
      <span>
        {difference.sentence}
        {(difference.addedEntries ?? []).map((entry) => (
          <code key={`+${entry}`} className="entry-change added">
            + {entry}
          </code>
        ))}
        {(difference.removedEntries ?? []).map((entry) => (
          <code key={`-${entry}`} className="entry-change removed">
            − {entry}
          </code>
        ))}
      </span>
    </li>
  );
}
