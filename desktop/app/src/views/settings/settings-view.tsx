import './settings.css';
import type { ReactNode } from 'react';
import { changeSettings, signOut } from '../../state/actions.ts';
import { useAppStore } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Segments, Switch } from '../../ui/controls.tsx';
import { TaskOptionsFields } from '../conversation/task-options.tsx';
import { ViewBar } from '../frame/view-bar.tsx';
import { NamedSecrets } from './named-secrets.tsx';
import { TrustedFolders } from './trusted-folders.tsx';

/** What the person chose, kept on this machine; every change is saved at once. */
export function SettingsView(): ReactNode {
  const settings = useAppStore((state) => state.snapshot?.settings);
  const user = useAppStore((state) => state.snapshot?.identity.user);
  if (!settings) return null;
  return (
    <div className="view">
      <ViewBar title={text.settings.title}>
        <span className="small soft">{text.settings.saved}</span>
      </ViewBar>
      <div className="view-body">
        <div className="page-inner settings">
          <section aria-labelledby="settings-appearance">
            <h2 id="settings-appearance">{text.settings.appearance}</h2>
            <div className="setting">
              <span>{text.settings.theme}</span>
              <Segments
                label={text.settings.theme}
                value={settings.theme}
                options={text.settings.themes}
                onChange={(theme) => void changeSettings({ theme })}
              />
            </div>
            <div className="setting">
              <span>{text.settings.diffStyle}</span>
              <Segments
                label={text.settings.diffStyle}
                value={settings.diffStyle}
                options={{ unified: text.patch.unified, split: text.patch.split }}
                onChange={(diffStyle) => void changeSettings({ diffStyle })}
              />
            </div>
            <div className="setting">
              <Switch
                label={text.settings.reduceMotion}
                isSelected={settings.reduceMotion}
                onChange={(reduceMotion) => void changeSettings({ reduceMotion })}
              />
            </div>
          </section>
          <section aria-labelledby="settings-tasks">
            <h2 id="settings-tasks">{text.settings.tasks}</h2>
            <div className="setting-fields">
              <TaskOptionsFields
                options={settings.taskOptions}
                onChange={(taskOptions) => void changeSettings({ taskOptions })}
              />
            </div>
          </section>
          {user ? <TrustedFolders /> : null}
          {user ? <NamedSecrets /> : null}
          {user ? (
            <section aria-labelledby="settings-account">
              <h2 id="settings-account">{text.settings.account}</h2>
              <dl className="facts">
                <dt>{text.rail.signedInAs('')}</dt>
                <dd>{user.name}</dd>
                <dt>{text.settings.tenant}</dt>
                <dd>{user.tenantId}</dd>
                <dt>{text.settings.roles}</dt>
                <dd>{user.roles.join(', ')}</dd>
              </dl>
              <div>
                <Button onPress={() => void signOut()}>{text.rail.signOut}</Button>
              </div>
            </section>
          ) : null}
        </div>
      </div>
    </div>
  );
}
