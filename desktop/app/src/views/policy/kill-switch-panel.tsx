import { OctagonX } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { attempt } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { useQuery } from '../../ui/use-query.ts';
import { ReasonDialog } from './reason-dialog.tsx';

const t = text.policy;

/** The switch that stops every external write of the organisation at once, and who threw it. */
export function KillSwitchPanel({ admin }: { readonly admin: boolean }): ReactNode {
  const { data, error, reload } = useQuery('kill-switch', () => host().call('getKillSwitch', {}));
  const [asking, setAsking] = useState(false);
  if (error) return <Failure title={t.killSwitch} error={error} onRetry={reload} />;
  if (!data) return null;
  const throwSwitch = (reason: string): Promise<boolean> =>
    attempt(async () => {
      await host().call('setKillSwitch', { active: !data.active, reason });
      reload();
    });
  return (
    <section
      className={`kill-switch${data.active ? ' on' : ''}`}
      aria-label={t.killSwitch}
      data-testid="kill-switch"
      data-active={data.active}
    >
      <div className="row">
        <OctagonX size={16} aria-hidden />
        <h2 className="grow policy-heading">{t.killSwitch}</h2>
        {data.active ? <Ago iso={data.updatedAt} /> : null}
      </div>
      <p className="small">{data.active ? t.killSwitchOn(data.updatedBy ?? '') : t.killSwitchOff}</p>
      {data.active && data.reason ? <p className="small soft">{data.reason}</p> : null}
      {admin ? (
        <Button small tone={data.active ? 'plain' : 'danger'} onPress={() => setAsking(true)}>
          {data.active ? t.allowAgain : t.stopAll}
        </Button>
      ) : null}
      <ReasonDialog
        title={data.active ? t.allowAgain : t.stopAll}
        lead={data.active ? t.allowAgainLead : t.stopAllLead}
        action={data.active ? t.allowAgain : t.stopAll}
        danger={!data.active}
        isOpen={asking}
        onClose={() => setAsking(false)}
        onConfirm={throwSwitch}
      />
    </section>
  );
}
