import './new-conversation.css';
import { Folder, FolderOpen, MessageCircle } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { baseName, parentPath } from '../../format/paths.ts';
import { attempt, openConversation } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { useAppStore } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { ViewBar } from '../frame/view-bar.tsx';
import { FolderPicker } from './folder-picker.tsx';

const noFolders: readonly string[] = [];

/** Where the agent works: a project folder, or nowhere for a general chat. */
export function NewConversationView(): ReactNode {
  const recent = useAppStore((state) => state.snapshot?.settings.recentFolders ?? noFolders);
  const [path, setPath] = useState('');
  const [picking, setPicking] = useState(false);
  const [opening, setOpening] = useState(false);
  const open = async (projectDir: string | null): Promise<void> => {
    setOpening(true);
    await openConversation({ projectDir });
    setOpening(false);
  };
  const browse = (): void =>
    void attempt(async () => {
      const chosen = await host().call('chooseFolder', {});
      if (!chosen.available) setPicking(true);
      else if (chosen.path !== null) setPath(chosen.path);
    });
  const reason = opening ? text.newConversation.opening : path.trim() === '' ? text.newConversation.openReason : '';
  return (
    <div className="view">
      <ViewBar title={text.newConversation.title} />
      <div className="view-body">
        <div className="page-inner">
          <p className="soft">{text.newConversation.lead}</p>
          <section className="card new-card" aria-labelledby="new-project">
            <h2 id="new-project">{text.newConversation.project}</h2>
            <form
              className="new-path"
              onSubmit={(event) => {
                event.preventDefault();
                if (path.trim() !== '' && !opening) void open(path.trim());
              }}
            >
              <input
                className="input mono grow"
                aria-label={text.newConversation.path}
                aria-describedby="new-reason"
                placeholder={text.newConversation.pathPlaceholder}
                value={path}
                spellCheck={false}
                onChange={(event) => setPath(event.target.value)}
              />
              <Button icon={<FolderOpen size={16} aria-hidden />} onPress={browse}>
                {text.newConversation.browse}
              </Button>
              <Button tone="primary" type="submit" isDisabled={reason !== ''}>
                {text.newConversation.open}
              </Button>
            </form>
            <p id="new-reason" className="small soft" role="status">
              {reason}
            </p>
            <h3>{text.newConversation.recent}</h3>
            {recent.length === 0 ? (
              <p className="small soft">{text.newConversation.noRecent}</p>
            ) : (
              <ul className="recent" aria-label={text.newConversation.recent}>
                {recent.slice(0, 8).map((folder) => (
                  <li key={folder}>
                    <button
                      className="list-item recent-row"
                      disabled={opening}
                      onClick={() => void open(folder)}
                      title={folder}
                    >
                      <Folder size={16} aria-hidden />
                      <span>{baseName(folder)}</span>
                      <span className="small soft truncate mono">{parentPath(folder)}</span>
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </section>
          <section className="card new-card" aria-labelledby="new-general">
            <h2 id="new-general">{text.newConversation.general}</h2>
            <p className="soft">{text.newConversation.generalLead}</p>
            <div>
              <Button
                icon={<MessageCircle size={16} aria-hidden />}
                isDisabled={opening}
                onPress={() => void open(null)}
              >
                {text.newConversation.startGeneral}
              </Button>
            </div>
          </section>
        </div>
      </div>
      <FolderPicker
        isOpen={picking}
        startAt={path.trim()}
        onClose={() => setPicking(false)}
        onChoose={(chosen) => {
          setPath(chosen);
          setPicking(false);
        }}
      />
    </div>
  );
}
