import type { ReactNode } from 'react';
import { host } from '../../state/app-runtime.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Failure, Skeleton } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { usePages } from '../history/use-pages.ts';
import { BackToList } from './back-to-list.tsx';

const t = text.policy;

/** Who changed what in the policy, when and why, and whether the Audit Service has it. */
export function ChangesHistory(): ReactNode {
  const changes = usePages('policy-changes', (cursor) =>
    host().call('listPolicyChanges', cursor === null ? {} : { cursor }),
  );
  return (
    <section className="policy-pane" aria-label={t.history}>
      <header className="policy-head">
        <BackToList />
        <h2 className="grow">{t.history}</h2>
      </header>
      <div className="policy-changes">
        {changes.error ? <Failure title={t.loadFailed} error={changes.error} onRetry={changes.reload} /> : null}
        {changes.loading && changes.items.length === 0 ? <Skeleton /> : null}
        {!changes.loading && !changes.error && changes.items.length === 0 ? (
          <p className="soft">{t.noHistory}</p>
        ) : null}
        {changes.items.length > 0 ? (
          <table className="table" aria-label={t.history}>
            <thead>
              <tr>
                {t.historyColumns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {changes.items.map((change) => (
                <tr key={change.changeId}>
                  <td>
                    <Ago iso={change.at} />
                  </td>
                  <td>{change.by}</td>
                  <td>
                    {t.changeKinds[change.change] ?? change.change}
                    {change.version === undefined ? '' : `, ${t.version(change.version).toLowerCase()}`}
                    {change.subject === undefined ? '' : `: ${change.subject}`}
                  </td>
                  <td>{change.reason}</td>
                  <td>
                    <span className={`badge ${change.audited ? 'ok' : 'warn'}`}>
                      {change.audited ? t.audited : t.notAudited}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : null}
        {changes.more ? (
          <Button small onPress={changes.more}>
            {text.app.loadMore}
          </Button>
        ) : null}
      </div>
    </section>
  );
}
