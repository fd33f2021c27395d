import type { PatchFile } from '@steward/contracts';
import { TriangleAlert, Undo2 } from 'lucide-react';
import { memo } from 'react';
import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { hugeDiffLines } from './diff-model.ts';
import { DiffView } from './diff-view.tsx';

/** One changed file: its name, its counts, and its differences where they can be drawn. */
export const PatchFileView = memo(function PatchFileView(props: {
  readonly file: PatchFile;
  readonly style: 'unified' | 'split';
  readonly onRevert: () => void;
}): ReactNode {
  const { file } = props;
  return (
    <section className="patch-file" aria-label={file.path} tabIndex={-1} data-file data-testid="patch-file">
      <header className="patch-file-head">
        <h3 className="mono truncate grow" title={file.absolutePath ?? file.path}>
          {file.path}
        </h3>
        <span className={`badge ${file.status === 'added' ? 'ok' : file.status === 'deleted' ? 'danger' : ''}`}>
          {text.patch.status[file.status]}
        </span>
        <span className="small" aria-label={text.patch.counts(file.additions, file.deletions)} role="img">
          <span className="added">+{file.additions}</span> <span className="removed">−{file.deletions}</span>
        </span>
        {file.status === 'reverted' ? null : (
          <Button
            small
            tone="quiet"
            icon={<Undo2 size={13} aria-hidden />}
            aria-label={`${text.patch.revertFile} ${file.path}`}
            onPress={props.onRevert}
          >
            {text.patch.revertFile}
          </Button>
        )}
      </header>
      {file.changedSince ? (
        <p className="notice warning">
          <TriangleAlert size={14} aria-hidden /> {text.patch.changedSince}
        </p>
      ) : null}
      <Body file={file} style={props.style} />
    </section>
  );
});

function Body({ file, style }: { readonly file: PatchFile; readonly style: 'unified' | 'split' }): ReactNode {
  if (file.status === 'reverted') return null;
  if (file.binary) return <p className="diff-note soft">{text.patch.binary}</p>;
  if (file.tooLarge || file.additions + file.deletions > hugeDiffLines || file.diff.length > 1_000_000)
    return <p className="diff-note soft">{text.patch.huge}</p>;
  return <DiffView path={file.path} diff={file.diff} style={style} />;
}
