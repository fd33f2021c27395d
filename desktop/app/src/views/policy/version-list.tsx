import type { PolicyVersion } from '@steward/contracts';
import { ScrollText } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatRoute } from '../../state/route.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Ago } from '../../ui/time.tsx';
import type { Pages } from '../history/use-pages.ts';

const t = text.policy;
const tones = { draft: 'accent', active: 'ok', superseded: '' };

/** Drafts first, then what was published, newest first; at the foot the way to who changed what. */
export function VersionList(props: {
  readonly pages: Pages<PolicyVersion>;
  readonly current: number | null;
  readonly history: boolean;
}): ReactNode {
  const { pages, current, history } = props;
  const drafts = pages.items.filter((item) => item.status === 'draft');
  const published = pages.items.filter((item) => item.status !== 'draft');
  const loaded = !pages.loading && pages.error === null;
  return (
    <>
      <h2 className="policy-heading">{t.drafts}</h2>
      {loaded && drafts.length === 0 ? <p className="small soft policy-note">{t.noDrafts}</p> : null}
      <ul aria-label={t.drafts}>
        {drafts.map((item) => (
          <li key={item.version}>
            <VersionRow item={item} current={item.version === current} />
          </li>
        ))}
      </ul>
      <h2 className="policy-heading">{t.versions}</h2>
      {loaded && published.length === 0 ? <p className="small soft policy-note">{t.noVersions}</p> : null}
      <ul aria-label={t.versions}>
        {published.map((item) => (
          <li key={item.version}>
            <VersionRow item={item} current={item.version === current} />
          </li>
        ))}
      </ul>
      {pages.more ? (
        <Button small onPress={pages.more}>
          {text.app.loadMore}
        </Button>
      ) : null}
      <a
        className="policy-row"
        href={formatRoute({ view: 'policy', version: null, tab: 'edit', history: true })}
        aria-current={history ? 'true' : undefined}
      >
        <ScrollText size={16} aria-hidden />
        <span className="grow">{t.history}</span>
      </a>
    </>
  );
}

function VersionRow({ item, current }: { readonly item: PolicyVersion; readonly current: boolean }): ReactNode {
  const who = item.publishedBy ?? item.updatedBy ?? item.createdBy;
  return (
    <a
      className="policy-row two-lines"
      data-testid="policy-version"
      href={formatRoute({ view: 'policy', version: item.version, tab: 'edit', history: false })}
      aria-current={current ? 'true' : undefined}
    >
      <span className="row">
        <span className="grow truncate">{item.content.name}</span>
        <span className={`badge ${tones[item.status]}`}>{t.states[item.status]}</span>
      </span>
      <span className="row small soft">
        <span className="grow truncate">
          {t.version(item.version)} · {who}
        </span>
        <Ago iso={item.publishedAt ?? item.updatedAt} />
      </span>
    </a>
  );
}
