import './patch.css';
import { ChevronDown, ChevronUp, FileDiff, Undo2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { PatchFile } from '@steward/contracts';
import { attempt, changeSettings } from '../../state/actions.ts';
import { host } from '../../state/app-runtime.ts';
import { navigate, say, useAppStore } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Segments } from '../../ui/controls.tsx';
import { Empty, Failure, Skeleton } from '../../ui/states.tsx';
import { useQuery } from '../../ui/use-query.ts';
import { isTyping } from '../frame/use-shortcuts.ts';
import { PatchFileView } from './patch-file.tsx';
import { moveToChange } from './move-to-change.ts';

/** The files that the last task changed, and how. n and p walk the changes, j and k the files. */
export function PatchPane({ sessionId }: { readonly sessionId: string }): ReactNode {
  const changed = useAppStore((state) => state.threads[sessionId]?.changedFiles);
  const ends = useAppStore((state) => state.threads[sessionId]?.task?.running);
  const style = useAppStore((state) => state.snapshot?.settings.diffStyle ?? 'unified');
  const { data, error, reload } = useQuery(`patch:${sessionId}`, () => host().call('getPatch', { sessionId }));
  const [confirming, setConfirming] = useState<'all' | PatchFile | null>(null);
  const pane = useRef<HTMLElement>(null);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => pane.current?.focus(), []);
  const seen = useRef({ changed, ends });
  useEffect(() => {
    if (seen.current.changed !== changed || seen.current.ends !== ends) reload();
    seen.current = { changed, ends };
  }, [changed, ends, reload]);

  const close = (): void => navigate({ view: 'conversation', sessionId, patch: false });
  const revert = async (file: PatchFile | null, force = false): Promise<void> => {
    await attempt(async () => {
      const result = await host().call('revertFile', {
        sessionId,
        ...(file ? { path: file.path } : {}),
        ...(force ? { force } : {}),
      });
      if (result.reverted.length > 0) say(text.patch.reverted(result.reverted.length));
      for (const refused of result.refused) say(text.patch.refused(refused.path, refused.reason), 'error');
    });
    reload();
  };
  const accept = (): void =>
    void attempt(async () => {
      await host().call('acceptPatch', { sessionId, ...(data?.taskId ? { taskId: data.taskId } : {}) });
      say(text.patch.accepted);
      close();
    });
  const onKey = (event: KeyboardEvent): void => {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || !body.current) return;
    const keys: Record<string, () => void> = {
      n: () => moveToChange(body.current, '[data-change]', 1),
      p: () => moveToChange(body.current, '[data-change]', -1),
      j: () => moveToChange(body.current, '[data-file]', 1),
      k: () => moveToChange(body.current, '[data-file]', -1),
    };
    const run = keys[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  };
  const files = data?.files ?? [];
  const open = files.filter((file) => file.status !== 'reverted');

  return (
    <aside
      ref={pane}
      className="detail patch"
      aria-label={text.patch.title}
      tabIndex={-1}
      onKeyDown={onKey}
      data-testid="patch"
    >
      <header className="view-bar patch-bar">
        <h2 className="grow truncate">{text.patch.title}</h2>
        {files.length > 0 ? (
          <>
            <IconButton
              small
              label={text.patch.previous}
              icon={<ChevronUp size={16} />}
              onPress={() => moveToChange(body.current, '[data-change]', -1)}
            />
            <IconButton
              small
              label={text.patch.next}
              icon={<ChevronDown size={16} />}
              onPress={() => moveToChange(body.current, '[data-change]', 1)}
            />
            <Segments
              label={text.patch.style}
              value={style}
              options={{ unified: text.patch.unified, split: text.patch.split }}
              onChange={(diffStyle) => void changeSettings({ diffStyle })}
            />
          </>
        ) : null}
        <IconButton label={text.patch.close} icon={<X size={16} />} onPress={close} />
      </header>
      {error ? <Failure title={text.patch.title} error={error} onRetry={reload} /> : null}
      {data === null && error === null ? <Skeleton /> : null}
      {data && files.length === 0 ? (
        <Empty icon={<FileDiff size={24} aria-hidden />} title={text.patch.empty} hint={text.patch.emptyHint} />
      ) : null}
      {files.length > 0 ? (
        <div ref={body} className="patch-body">
          <FileList
            files={files}
            onChoose={(index) => body.current?.querySelectorAll<HTMLElement>('[data-file]')[index]?.focus()}
          />
          {files.map((file) => (
            <PatchFileView key={file.path} file={file} style={style} onRevert={() => setConfirming(file)} />
          ))}
        </div>
      ) : null}
      {open.length > 0 ? (
        <footer className="patch-foot">
          <Button icon={<Undo2 size={14} aria-hidden />} tone="danger" onPress={() => setConfirming('all')}>
            {text.patch.revertAll}
          </Button>
          <Button tone="primary" onPress={accept}>
            {text.patch.accept}
          </Button>
        </footer>
      ) : null}
      <Confirm
        title={
          confirming === 'all' || confirming === null
            ? text.patch.revertAllConfirm(open.length)
            : text.patch.revertFileConfirm(confirming.path)
        }
        action={
          confirming === 'all' || confirming === null
            ? text.patch.revertAll
            : confirming.changedSince
              ? text.patch.forceRevert
              : text.patch.revertFile
        }
        isOpen={confirming !== null}
        onClose={() => setConfirming(null)}
        onConfirm={() =>
          confirming === 'all' || confirming === null
            ? revert(null)
            : revert(confirming, confirming.changedSince === true)
        }
      >
        <p className="soft">
          {confirming !== 'all' && confirming?.changedSince ? text.patch.changedSince : text.patch.revertAllDetail}
        </p>
      </Confirm>
    </aside>
  );
}

function FileList({
  files,
  onChoose,
}: {
  readonly files: readonly PatchFile[];
  readonly onChoose: (index: number) => void;
}): ReactNode {
  return (
    <ul className="patch-files" aria-label={text.patch.files}>
      {files.map((file, index) => (
        <li key={file.path}>
          <button
            className="list-item recent-row small"
            title={text.patch.openFile(file.path)}
            onClick={() => onChoose(index)}
          >
            <span className="mono truncate grow">{file.path}</span>
            <span className="soft">{text.patch.status[file.status]}</span>
            <span className="added">+{file.additions}</span>
            <span className="removed">−{file.deletions}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
