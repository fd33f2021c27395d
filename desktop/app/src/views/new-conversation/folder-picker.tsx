import { CornerLeftUp, Folder } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { baseName } from '../../format/paths.ts';
import { host } from '../../state/app-runtime.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Switch } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure, Skeleton } from '../../ui/states.tsx';
import { useQuery } from '../../ui/use-query.ts';

/** Walks the folders of this machine. Used where the shell has no dialog of its own. */
export function FolderPicker(props: {
  readonly isOpen: boolean;
  readonly startAt: string;
  readonly onClose: () => void;
  readonly onChoose: (path: string) => void;
}): ReactNode {
  const [at, setAt] = useState<string | null>(null);
  const [hidden, setHidden] = useState(false);
  const path = at ?? props.startAt;
  const { data, error, reload } = useQuery(props.isOpen ? `folders:${path}` : null, () =>
    host().call('browseFolders', path === '' ? {} : { path }),
  );
  const folders = data?.folders.filter((folder) => hidden || !folder.hidden) ?? [];
  const footer = (
    <>
      <span className="grow">
        <Switch label={text.newConversation.pickerHidden} isSelected={hidden} onChange={setHidden} />
      </span>
      <Button onPress={props.onClose}>{text.app.cancel}</Button>
      <Button tone="primary" isDisabled={data === null} onPress={() => data && props.onChoose(data.path)}>
        {data ? text.newConversation.pickerChoose(baseName(data.path)) : text.newConversation.open}
      </Button>
    </>
  );
  return (
    <Dialog wide title={text.newConversation.picker} isOpen={props.isOpen} onClose={props.onClose} footer={footer}>
      <p className="mono small picker-path">{data?.path ?? path}</p>
      {error ? (
        <Failure
          title={text.newConversation.picker}
          error={error}
          onRetry={() => (at === null ? reload() : setAt(null))}
        />
      ) : null}
      {data === null && error === null ? <Skeleton /> : null}
      {data ? (
        <ul className="picker-list" aria-label={text.newConversation.pickerFolders}>
          {data.parent !== null ? (
            <li>
              <button className="list-item recent-row" onClick={() => setAt(data.parent)}>
                <CornerLeftUp size={16} aria-hidden />
                {text.newConversation.pickerUp}
              </button>
            </li>
          ) : null}
          {folders.map((folder) => (
            <li key={folder.path}>
              <button className="list-item recent-row" onClick={() => setAt(folder.path)}>
                <Folder size={16} aria-hidden />
                <span className="truncate">{folder.name}</span>
              </button>
            </li>
          ))}
          {folders.length === 0 ? <li className="small soft picker-note">{text.newConversation.pickerEmpty}</li> : null}
          {data.truncated ? <li className="small soft picker-note">{text.newConversation.pickerTruncated}</li> : null}
        </ul>
      ) : null}
    </Dialog>
  );
}
