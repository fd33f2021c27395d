import './policy.css';
import { Plus, Scale } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { host } from '../../state/app-runtime.ts';
import { useAppStore } from '../../state/app-store.ts';
import type { PolicyTab } from '../../state/route.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Empty, Failure, Skeleton } from '../../ui/states.tsx';
import { useQuery } from '../../ui/use-query.ts';
import { ViewBar } from '../frame/view-bar.tsx';
import { usePages } from '../history/use-pages.ts';
import { ChangesHistory } from './changes-history.tsx';
import { DraftPane } from './draft-pane.tsx';
import { KillSwitchPanel } from './kill-switch-panel.tsx';
import { NewDraftDialog } from './new-draft-dialog.tsx';
import { VersionList } from './version-list.tsx';
import { VersionPane } from './version-pane.tsx';

const t = text.policy;

/** Where an admin works: the kill switch, all versions, and beside them the chosen draft or version. */
export function PolicyView(props: {
  readonly version: number | null;
  readonly tab: PolicyTab;
  readonly history: boolean;
}): ReactNode {
  const { version, tab, history } = props;
  const admin = useAppStore((state) => state.snapshot?.identity.user?.roles.includes('admin') ?? false);
  const versions = usePages('policies', (cursor) => host().call('listPolicies', cursor === null ? {} : { cursor }));
  const chosen = useQuery(version === null ? null : `policy:${version}`, () =>
    host().call('getPolicy', { version: version ?? 0 }),
  );
  const [starting, setStarting] = useState(false);
  const active = versions.items.find((item) => item.status === 'active') ?? null;
  const onChanged = (): void => {
    versions.reload();
    chosen.reload();
  };

  return (
    <div className="view">
      <ViewBar title={t.title}>
        {admin ? (
          <Button small icon={<Plus size={14} aria-hidden />} onPress={() => setStarting(true)}>
            {t.newDraft}
          </Button>
        ) : (
          <span className="small soft">{t.readOnlyRole}</span>
        )}
      </ViewBar>
      <div className="policy" data-level={version === null && !history ? 'list' : 'content'}>
        <section className="policy-list" aria-label={t.versions}>
          <KillSwitchPanel admin={admin} />
          {versions.error ? <Failure title={t.loadFailed} error={versions.error} onRetry={versions.reload} /> : null}
          {versions.loading && versions.items.length === 0 ? <Skeleton /> : null}
          <VersionList pages={versions} current={version} history={history} />
        </section>
        <div className="policy-content">
          {history ? <ChangesHistory /> : null}
          {!history && version === null ? (
            <Empty centred icon={<Scale size={28} aria-hidden />} title={t.choose} hint={t.lead} />
          ) : null}
          {!history && chosen.error ? (
            <Failure title={t.loadFailed} error={chosen.error} onRetry={chosen.reload} />
          ) : null}
          {!history && chosen.loading && !chosen.data ? <Skeleton lines={12} /> : null}
          {!history && chosen.data ? (
            chosen.data.status === 'draft' && admin ? (
              <DraftPane
                key={chosen.data.version}
                draft={chosen.data}
                active={active}
                tab={tab}
                onChanged={onChanged}
              />
            ) : (
              <VersionPane version={chosen.data} active={active} admin={admin} onChanged={onChanged} />
            )
          ) : null}
        </div>
      </div>
      {admin ? (
        <NewDraftDialog
          isOpen={starting}
          active={active}
          onClose={() => setStarting(false)}
          onStarted={versions.reload}
        />
      ) : null}
    </div>
  );
}
