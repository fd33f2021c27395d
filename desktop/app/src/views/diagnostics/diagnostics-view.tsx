import { RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Diagnostics } from '@steward/desktop-host/contract';
import { attempt } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { say, useAppStore } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Failure, Skeleton } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { useQuery } from '../../ui/use-query.ts';
import { ViewBar } from '../frame/view-bar.tsx';

const t = text.diagnostics;
const tones = { ok: 'ok', degraded: 'warn', down: 'danger', unknown: '' };

/** The parts that Steward depends on, and what went wrong lately. Holds no secret, so it can be copied whole. */
export function DiagnosticsView(): ReactNode {
  const { data, error, reload } = useQuery('diagnostics', () => host().call('getDiagnostics', {}));
  const copy = (): void =>
    void attempt(async () => {
      await navigator.clipboard.writeText(JSON.stringify(data, null, 2));
      say(text.app.copied);
    });
  return (
    <div className="view">
      <ViewBar title={t.title}>
        <Button small isDisabled={data === null} onPress={copy}>
          {t.copyAll}
        </Button>
        <Button small icon={<RefreshCw size={14} aria-hidden />} onPress={reload}>
          {t.refresh}
        </Button>
      </ViewBar>
      <div className="view-body">
        {error ? <Failure title={t.failed} error={error} onRetry={reload} /> : null}
        {data === null && error === null ? <Skeleton lines={12} /> : null}
        {data ? (
          <div className="page-inner">
            <Services data={data} />
            <Runtimes data={data} />
            <Errors data={data} />
            <section>
              <h2>{t.versions}</h2>
              <dl className="facts">
                <dt>{t.app}</dt>
                <dd>{data.appVersion}</dd>
                <dt>{t.node}</dt>
                <dd>{data.nodeVersion}</dd>
                <dt>{t.platform}</dt>
                <dd>{data.platform}</dd>
                <dt>{t.home}</dt>
                <dd className="mono">{data.home}</dd>
              </dl>
            </section>
          </div>
        ) : null}
      </div>
    </div>
  );
}

function Services({ data }: { readonly data: Diagnostics }): ReactNode {
  return (
    <section>
      <h2>{t.services}</h2>
      <table className="table" aria-label={t.services}>
        <thead>
          <tr>
            <th scope="col">{t.columns.name}</th>
            <th scope="col">{t.columns.state}</th>
            <th scope="col">{t.columns.message}</th>
            <th scope="col">{t.columns.checked}</th>
          </tr>
        </thead>
        <tbody>
          {data.services.map((service) => (
            <tr key={service.name}>
              <td>{service.name}</td>
              <td>
                <span className="row">
                  <span className={`dot ${tones[service.state]}`} aria-hidden /> {t.states[service.state]}
                </span>
              </td>
              <td className="soft">{service.message ?? ''}</td>
              <td className="soft">{service.checkedAt ? <Ago iso={service.checkedAt} /> : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Runtimes({ data }: { readonly data: Diagnostics }): ReactNode {
  const conversations = useAppStore((state) => state.snapshot?.conversations);
  return (
    <section>
      <h2>{t.runtimes}</h2>
      {data.runtimes.length === 0 ? (
        <p className="soft">{t.noRuntimes}</p>
      ) : (
        <table className="table" aria-label={t.runtimes}>
          <thead>
            <tr>
              <th scope="col">{t.columns.session}</th>
              <th scope="col">{t.columns.state}</th>
              <th scope="col">{t.columns.pid}</th>
              <th scope="col">{t.columns.restarts}</th>
              <th scope="col">{t.columns.version}</th>
              <th scope="col">{t.columns.sandbox}</th>
            </tr>
          </thead>
          <tbody>
            {data.runtimes.map((runtime) => (
              <tr key={runtime.sessionId}>
                <td title={runtime.sessionId}>
                  {conversations?.find((item) => item.sessionId === runtime.sessionId)?.title ?? runtime.sessionId}
                </td>
                <td>{runtime.state}</td>
                <td>{runtime.pid ?? ''}</td>
                <td>{runtime.restarts}</td>
                <td>{runtime.version ?? ''}</td>
                <td>{sandboxWords(runtime.sandbox)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function sandboxWords(sandbox: Diagnostics['runtimes'][number]['sandbox']): string {
  if (sandbox === null) return t.sandboxUnknown;
  return sandbox.kind === 'none' ? t.noSandbox(sandbox.reason ?? '') : sandbox.kind;
}

function Errors({ data }: { readonly data: Diagnostics }): ReactNode {
  return (
    <section>
      <h2>{t.errors}</h2>
      {data.recentErrors.length === 0 ? (
        <p className="soft">{t.noErrors}</p>
      ) : (
        <table className="table" aria-label={t.errors}>
          <thead>
            <tr>
              <th scope="col">{t.columns.at}</th>
              <th scope="col">{t.columns.source}</th>
              <th scope="col">{t.columns.message}</th>
            </tr>
          </thead>
          <tbody>
            {data.recentErrors.map((item, index) => (
              <tr key={index}>
                <td>
                  <Ago iso={item.at} />
                </td>
                <td>{item.source}</td>
                <td>{item.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
