import type { PolicyVersion } from '@steward/contracts';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { JsonEditor } from '../../ui/json-editor/json-editor.tsx';
import type { DraftEditing, DraftState } from './draft-editing.ts';
import { toText } from './policy-content.ts';

const t = text.policy;

/** Two admins changed one draft: both texts are here until this one decides. */
export function DraftConflict(props: {
  readonly state: DraftState;
  readonly theirs: PolicyVersion;
  readonly editing: DraftEditing;
}): ReactNode {
  const { state, theirs, editing } = props;
  const [comparing, setComparing] = useState(false);
  return (
    <div className="banner warn stack" role="alert" data-testid="draft-conflict">
      <div className="row wrap">
        <span className="grow">
          <strong>{t.conflictTitle}.</strong> {t.conflict(theirs.updatedBy ?? theirs.createdBy)}
        </span>
        <Button small onPress={() => setComparing(!comparing)}>
          {t.compare}
        </Button>
        <Button small onPress={() => editing.takeTheirs()}>
          {t.takeTheirs}
        </Button>
        <Button small tone="danger" onPress={() => void editing.keepMine()}>
          {t.keepMine}
        </Button>
      </div>
      {comparing ? (
        <div className="conflict-compare">
          <JsonEditor label={t.compare} value={state.text} comparedTo={toText(theirs.content)} />
        </div>
      ) : null}
    </div>
  );
}
