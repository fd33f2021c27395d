import type { PolicyVersion } from '@steward/contracts';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { attempt } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { navigate, say } from '../../state/app-store.ts';
import type { PolicyTab } from '../../state/route.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Segments } from '../../ui/controls.tsx';
import { BackToList } from './back-to-list.tsx';
import { ChangesPane } from './changes-pane.tsx';
import { DraftConflict } from './draft-conflict.tsx';
import { DraftEditing } from './draft-editing.ts';
import type { DraftState } from './draft-editing.ts';
import { DraftEditor } from './draft-editor.tsx';
import { ReasonDialog } from './reason-dialog.tsx';
import { SimulatePane } from './simulate-pane.tsx';

const t = text.policy;

/** One draft: edit it, see what it changes, try it on recorded actions, publish it. */
export function DraftPane(props: {
  readonly draft: PolicyVersion;
  readonly active: PolicyVersion | null;
  readonly tab: PolicyTab;
  readonly onChanged: () => void;
}): ReactNode {
  const { draft, active, tab, onChanged } = props;
  // The draft that it starts with; what is stored later comes from editing itself.
  const editing = useMemo(() => new DraftEditing(draft, { host: host(), after }), []);
  useEffect(() => {
    void editing.check();
    return () => editing.dispose();
  }, [editing]);
  const state = useSyncExternalStore(editing.subscribe, editing.getState);
  const [publishing, setPublishing] = useState(false);
  const { stored } = state;
  const ready = state.phase === 'saved' && state.problems.length === 0 && state.theirs === null;
  const publish = (reason: string): Promise<boolean> =>
    attempt(async () => {
      const published = await host().call('publishPolicy', {
        version: stored.version,
        revision: stored.revision,
        expectedActiveVersion: active?.version ?? 0,
        reason,
      });
      say(t.published(published.version));
      onChanged();
    });

  return (
    <section className="policy-pane" aria-label={stored.content.name}>
      <header className="policy-head">
        <BackToList />
        <div className="grow">
          <h2 className="truncate">{stored.content.name}</h2>
          <p className="small soft truncate">
            {t.version(stored.version)}
            {stored.basedOnVersion ? `, ${t.basedOn(stored.basedOnVersion)}` : ''},{' '}
            {t.changedBy(stored.updatedBy ?? stored.createdBy)}
          </p>
        </div>
        <SaveState state={state} />
        <Button tone="primary" small isDisabled={!ready} onPress={() => setPublishing(true)}>
          {t.publish}
        </Button>
      </header>
      {state.theirs ? <DraftConflict state={state} theirs={state.theirs} editing={editing} /> : null}
      <div className="policy-tabs">
        <Segments
          label={t.tabsLabel}
          value={tab}
          options={t.tabs}
          onChange={(next) => navigate({ view: 'policy', version: stored.version, tab: next, history: false })}
        />
      </div>
      {tab === 'edit' ? <DraftEditor state={state} onWrite={(value) => editing.write(value)} /> : null}
      {tab === 'changes' ? <ChangesPane state={state} active={active} /> : null}
      {tab === 'simulate' ? <SimulatePane draft={stored} ready={ready} /> : null}
      <ReasonDialog
        title={t.publishTitle(stored.content.name)}
        lead={t.publishLead}
        action={t.publish}
        isOpen={publishing}
        onClose={() => setPublishing(false)}
        onConfirm={publish}
      />
    </section>
  );
}

function SaveState({ state }: { readonly state: DraftState }): ReactNode {
  const { problems, phase } = state;
  const words = { checking: t.checking, unsaved: t.unsaved, saving: t.saving, saved: t.saved, failed: t.saveFailed };
  const bad = problems.length > 0;
  return (
    <span
      className={`badge ${bad || phase === 'failed' ? 'danger' : phase === 'saved' ? 'ok' : ''}`}
      role="status"
      data-testid="draft-state"
      data-phase={phase}
      title={state.error?.message}
    >
      {bad ? `${t.problems(problems.length)} · ${t.unsaved}` : words[phase]}
    </span>
  );
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
