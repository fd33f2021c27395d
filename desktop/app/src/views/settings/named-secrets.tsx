import { X } from 'lucide-react';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { attempt } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { say } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Failure } from '../../ui/states.tsx';
import { useQuery } from '../../ui/use-query.ts';

const t = text.settings;
const empty = { name: '', value: '', hosts: '', commands: '' };

/** Secrets that tools use by name: names and places are shown, a value goes in and never comes back. */
export function NamedSecrets(): ReactNode {
  const { data, error, reload } = useQuery('named-secrets', () => host().call('listSecrets', {}));
  const [entry, setEntry] = useState(empty);
  const [busy, setBusy] = useState(false);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const saved = await attempt(async () => {
      await host().call('setSecret', {
        name: entry.name.trim(),
        value: entry.value,
        allowedHosts: entriesOf(entry.hosts),
        allowedCommands: entriesOf(entry.commands),
      });
    });
    setBusy(false);
    if (!saved) return;
    say(t.secretSaved(entry.name.trim()));
    setEntry(empty);
    reload();
  };
  const remove = async (name: string): Promise<void> => {
    await attempt(async () => {
      await host().call('removeSecret', { name });
    });
    reload();
  };
  const field = (key: keyof typeof empty, label: string, hint = ''): ReactNode => (
    <label className="field">
      <span className="label">{label}</span>
      <input
        className="input mono"
        type={key === 'value' ? 'password' : 'text'}
        autoComplete="off"
        spellCheck={false}
        placeholder={hint}
        value={entry[key]}
        onChange={(event) => setEntry({ ...entry, [key]: event.target.value })}
      />
    </label>
  );
  return (
    <section aria-labelledby="settings-secrets">
      <h2 id="settings-secrets">{t.secrets}</h2>
      <p className="small soft">
        {t.secretsHint} {data === null ? null : t.secretsKeptBy[data.keptBy]}
      </p>
      {error ? <Failure title={t.listFailed} error={error} onRetry={reload} /> : null}
      {data?.items.length === 0 ? <p className="small soft">{t.noSecrets}</p> : null}
      <ul className="kept-list" aria-label={t.secrets}>
        {data?.items.map(({ name, allowedHosts = [], allowedCommands = [] }) => (
          <li key={name} className="setting">
            <span>
              <span className="mono">secret://{name}</span>{' '}
              <span className="soft">{t.secretUses([...allowedHosts, ...allowedCommands].join(', '))}</span>
            </span>
            <IconButton small label={t.removeSecret(name)} icon={<X size={12} />} onPress={() => void remove(name)} />
          </li>
        ))}
      </ul>
      <form className="setting-fields" onSubmit={(event) => void save(event)}>
        {field('name', t.secretName)}
        {field('value', t.secretValue)}
        {field('hosts', t.secretHosts, t.secretHostsHint)}
        {field('commands', t.secretCommands, t.secretCommandsHint)}
        <div>
          <Button type="submit" isPending={busy} isDisabled={entry.name.trim() === '' || entry.value === ''}>
            {t.saveSecret}
          </Button>
        </div>
      </form>
    </section>
  );
}

function entriesOf(written: string): string[] {
  return written
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
