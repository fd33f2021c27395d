import type { PolicyVersion } from '@steward/contracts';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { attempt } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { navigate } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure, Skeleton } from '../../ui/states.tsx';
import { useQuery } from '../../ui/use-query.ts';

const t = text.policy;
const FROM_ACTIVE = '';

/** Starts a draft from the active policy or from a template, each explained in two sentences. */
export function NewDraftDialog(props: {
  readonly isOpen: boolean;
  readonly active: PolicyVersion | null;
  readonly onClose: () => void;
  readonly onStarted: () => void;
}): ReactNode {
  const { isOpen, active } = props;
  const templates = useQuery(isOpen ? 'templates' : null, () => host().call('listPolicyTemplates', {}));
  const [chosen, setChosen] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const choice = chosen ?? (active ? FROM_ACTIVE : (templates.data?.items[0]?.name ?? null));
  const start = async (): Promise<void> => {
    setBusy(true);
    const done = await attempt(async () => {
      const draft = await host().call(
        'createPolicyDraft',
        choice === FROM_ACTIVE && active ? { basedOnVersion: active.version } : { template: choice ?? '' },
      );
      props.onStarted();
      navigate({ view: 'policy', version: draft.version, tab: 'edit', history: false });
    });
    setBusy(false);
    if (done) props.onClose();
  };
  const footer = (
    <>
      <Button onPress={props.onClose}>{text.app.cancel}</Button>
      <Button tone="primary" isPending={busy} isDisabled={choice === null} onPress={() => void start()}>
        {t.startDraft}
      </Button>
    </>
  );
  return (
    <Dialog wide title={t.newDraftTitle} isOpen={isOpen} onClose={props.onClose} footer={footer}>
      {templates.error ? <Failure title={t.loadFailed} error={templates.error} onRetry={templates.reload} /> : null}
      {templates.loading && !templates.data ? <Skeleton /> : null}
      <fieldset className="radio-group templates">
        <legend className="visually-hidden">{t.newDraftTitle}</legend>
        {active ? (
          <Choice
            name={t.fromActive}
            description={`${active.content.name}, ${t.version(active.version).toLowerCase()}`}
            isChosen={choice === FROM_ACTIVE}
            onChoose={() => setChosen(FROM_ACTIVE)}
          />
        ) : null}
        {(templates.data?.items ?? []).map((template) => (
          <Choice
            key={template.name}
            name={template.name}
            description={template.description}
            isChosen={choice === template.name}
            onChoose={() => setChosen(template.name)}
          />
        ))}
      </fieldset>
    </Dialog>
  );
}

function Choice(props: {
  readonly name: string;
  readonly description: string;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}): ReactNode {
  return (
    <label className="radio template">
      <input type="radio" name="draft-source" checked={props.isChosen} onChange={props.onChoose} />
      <span>
        <strong>{props.name}</strong>
        <span className="small soft template-words">{props.description}</span>
      </span>
    </label>
  );
}
