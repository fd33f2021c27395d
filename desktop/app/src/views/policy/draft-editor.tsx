import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { JsonEditor } from '../../ui/json-editor/json-editor.tsx';
import type { DraftState } from './draft-editing.ts';
import { fromText, toText } from './policy-content.ts';
import { PolicyForm } from './policy-form.tsx';

const t = text.policy;

/** Form and text of one draft side by side; a change in either shows in the other, problems stand in the margin. */
export function DraftEditor(props: {
  readonly state: DraftState;
  readonly onWrite: (value: string) => void;
}): ReactNode {
  const { state, onWrite } = props;
  const content = useMemo(() => fromText(state.text), [state.text]);
  const marks = useMemo(
    () =>
      state.problems.map(({ line, reason, remedy }) => ({ line: line ?? null, message: `${reason} ${remedy}`.trim() })),
    [state.problems],
  );
  return (
    <div className="draft-editor">
      <section className="draft-form" aria-label={t.form}>
        {content ? (
          <PolicyForm content={content} onChange={(changed) => onWrite(toText(changed))} />
        ) : (
          <p className="soft policy-note">{t.formUnavailable}</p>
        )}
      </section>
      <section className="draft-text" aria-label={t.json}>
        <JsonEditor
          label={t.jsonLabel(state.stored.content.name)}
          value={state.text}
          problems={marks}
          onChange={onWrite}
        />
        {marks.length > 0 ? (
          <ul className="draft-problems" aria-label={t.problemList} data-testid="draft-problems">
            {marks.map((problem, index) => (
              <li key={index}>{t.problemAt(problem.line, problem.message)}</li>
            ))}
          </ul>
        ) : null}
      </section>
    </div>
  );
}
