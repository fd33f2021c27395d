import type { PolicyVersion } from '@steward/contracts';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { attempt } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { say } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { JsonEditor } from '../../ui/json-editor/json-editor.tsx';
import { Ago } from '../../ui/time.tsx';
import { BackToList } from './back-to-list.tsx';
import { toText } from './policy-content.ts';
import { PolicyForm } from './policy-form.tsx';
import { ReasonDialog } from './reason-dialog.tsx';

const t = text.policy;

/** A version as it was published, for reading; an admin can make an older one active again. */
export function VersionPane(props: {
  readonly version: PolicyVersion;
  readonly active: PolicyVersion | null;
  readonly admin: boolean;
  readonly onChanged: () => void;
}): ReactNode {
  const { version, active, admin, onChanged } = props;
  const [returning, setReturning] = useState(false);
  const rollBack = (reason: string): Promise<boolean> =>
    attempt(async () => {
      const published = await host().call('rollbackPolicy', {
        version: version.version,
        reason,
        ...(active ? { expectedActiveVersion: active.version } : {}),
      });
      say(t.published(published.version));
      onChanged();
    });
  return (
    <section className="policy-pane" aria-label={version.content.name}>
      <header className="policy-head">
        <BackToList />
        <div className="grow">
          <h2 className="truncate">{version.content.name}</h2>
          <p className="small soft truncate">
            {t.version(version.version)}, {t.publishedBy(version.publishedBy ?? version.createdBy)}{' '}
            <Ago iso={version.publishedAt ?? version.updatedAt} />
          </p>
          {version.reason ? <p className="small">{version.reason}</p> : null}
        </div>
        <span className={`badge ${version.status === 'active' ? 'ok' : ''}`}>{t.states[version.status]}</span>
        {admin && version.status === 'superseded' ? (
          <Button small onPress={() => setReturning(true)}>
            {t.rollback}
          </Button>
        ) : null}
      </header>
      <div className="draft-editor">
        <section className="draft-form" aria-label={t.form}>
          <PolicyForm content={version.content} />
        </section>
        <section className="draft-text" aria-label={t.json}>
          <JsonEditor label={t.jsonLabel(version.content.name)} value={toText(version.content)} />
        </section>
      </div>
      <ReasonDialog
        title={t.rollbackTitle(version.version)}
        lead={t.rollbackLead}
        action={t.rollback}
        isOpen={returning}
        onClose={() => setReturning(false)}
        onConfirm={rollBack}
      />
    </section>
  );
}
