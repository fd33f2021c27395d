import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { attempt } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { text } from '../../text/catalogue.ts';
import { IconButton } from '../../ui/button.tsx';
import { Failure } from '../../ui/states.tsx';
import { useQuery } from '../../ui/use-query.ts';

const t = text.settings;

/** The folders that the person trusts; each can be taken off the list. */
export function TrustedFolders(): ReactNode {
  const { data, error, reload } = useQuery('trusted-folders', () => host().call('listTrustedFolders', {}));
  const remove = async (path: string): Promise<void> => {
    await attempt(async () => {
      await host().call('removeTrustedFolder', { path });
    });
    reload();
  };
  return (
    <section aria-labelledby="settings-trust">
      <h2 id="settings-trust">{t.trustedFolders}</h2>
      <p className="small soft">{t.trustedFoldersHint}</p>
      {error ? <Failure title={t.listFailed} error={error} onRetry={reload} /> : null}
      {data?.paths.length === 0 ? <p className="small soft">{t.noTrustedFolders}</p> : null}
      <ul className="kept-list" aria-label={t.trustedFolders}>
        {data?.paths.map((path) => (
          <li key={path} className="setting">
            <span className="mono truncate" title={path}>
              {path}
            </span>
            <IconButton small label={t.stopTrusting(path)} icon={<X size={12} />} onPress={() => void remove(path)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
