import { UnfoldVertical } from 'lucide-react';
import { Fragment, memo, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { useHighlighter } from '../../ui/highlight.tsx';
import { languageOf } from '../../ui/languages.ts';
import { markTokens } from '../../ui/tokens.ts';
import type { Token } from '../../ui/tokens.ts';
import { toDiffParts, toSplitRows } from './diff-model.ts';
import type { DiffFold, DiffLine, DiffPart } from './diff-model.ts';

type Colour = (line: DiffLine) => readonly Token[];

/** One file's differences, unified or side by side, with words marked and syntax coloured. */
export const DiffView = memo(function DiffView(props: {
  readonly path: string;
  readonly diff: string;
  readonly style: 'unified' | 'split';
}): ReactNode {
  const parts = useMemo(() => toDiffParts(props.diff), [props.diff]);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const colour = useColour(props.path);
  const groups = useMemo(() => groupParts(parts, unfolded), [parts, unfolded]);
  if (parts.length === 0) return <p className="diff-note soft">{text.patch.noText}</p>;
  const unfold = (id: string): void => setUnfolded((before) => new Set([...before, id]));
  return (
    <div className={`diff ${props.style}`} role="group" aria-label={text.patch.diffOf(props.path)} tabIndex={0}>
      <table className="diff-table">
        <tbody>
          {groups.map((group, index) => (
            <Fragment key={index}>
              {group.fold ? <FoldRow fold={group.fold} onUnfold={unfold} split={props.style === 'split'} /> : null}
              {props.style === 'split' ? (
                <SplitLines lines={group.lines} colour={colour} />
              ) : (
                <UnifiedLines lines={group.lines} colour={colour} />
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
});

function UnifiedLines({ lines, colour }: { readonly lines: readonly DiffLine[]; readonly colour: Colour }): ReactNode {
  return lines.map((line, index) => (
    <tr key={index} className={`diff-line ${line.kind}`} {...changeStart(lines, index)}>
      <td className="number">{line.oldNumber}</td>
      <td className="number">{line.newNumber}</td>
      <Code line={line} colour={colour} />
    </tr>
  ));
}

function SplitLines({ lines, colour }: { readonly lines: readonly DiffLine[]; readonly colour: Colour }): ReactNode {
  const rows = toSplitRows(lines);
  return rows.map(({ left, right }, index) => {
    const changed = left?.kind !== 'context';
    const before = rows[index - 1];
    const starts = changed && (before === undefined || before.left?.kind === 'context');
    return (
      <tr key={index} className="diff-line" {...(starts ? { 'data-change': true, tabIndex: -1 } : {})}>
        <td className={`number ${left?.kind ?? 'none'}`}>{left?.oldNumber}</td>
        {left ? <Code line={left} colour={colour} /> : <td className="code none" />}
        <td className={`number ${right?.kind ?? 'none'}`}>{right?.newNumber}</td>
        {right ? <Code line={right} colour={colour} /> : <td className="code none" />}
      </tr>
    );
  });
}

const signs = { added: '+', removed: '−', context: ' ' };

function Code({ line, colour }: { readonly line: DiffLine; readonly colour: Colour }): ReactNode {
  return (
    <td className={`code ${line.kind}`}>
      <span className="sign">{signs[line.kind]}</span>
      {markTokens(colour(line), line.changed).map((piece, index) =>
        piece.marked ? (
          <mark key={index} className={piece.className}>
            {piece.text}
          </mark>
        ) : (
          <span key={index} className={piece.className}>
            {piece.text}
          </span>
        ),
      )}
    </td>
  );
}

function FoldRow({
  fold,
  split,
  onUnfold,
}: {
  readonly fold: DiffFold;
  readonly split: boolean;
  readonly onUnfold: (id: string) => void;
}): ReactNode {
  return (
    <tr className="diff-fold">
      <td colSpan={split ? 4 : 3}>
        {fold.lines.length > 0 ? (
          <button onClick={() => onUnfold(fold.id)}>
            <UnfoldVertical size={12} aria-hidden /> {text.patch.unfold(fold.count)}
          </button>
        ) : (
          <span>{text.patch.folded(fold.count)}</span>
        )}
      </td>
    </tr>
  );
}

function changeStart(lines: readonly DiffLine[], index: number): object {
  const starts = lines[index]?.kind !== 'context' && (index === 0 || lines[index - 1]?.kind === 'context');
  return starts ? { 'data-change': true, tabIndex: -1 } : {};
}

interface Group {
  readonly fold: DiffFold | null;
  readonly lines: DiffLine[];
}

function groupParts(parts: readonly DiffPart[], unfolded: ReadonlySet<string>): readonly Group[] {
  const groups: Group[] = [{ fold: null, lines: [] }];
  for (const part of parts) {
    if (part.kind !== 'fold') groups.at(-1)?.lines.push(part);
    else if (unfolded.has(part.id)) groups.at(-1)?.lines.push(...part.lines);
    else groups.push({ fold: part, lines: [] });
  }
  return groups;
}

// Lines are coloured one by one: a diff holds pieces of two files, and neither is whole.
function useColour(path: string): Colour {
  const language = languageOf(path);
  const highlighter = useHighlighter(language !== null);
  return useMemo(() => {
    const known = new Map<string, readonly Token[]>();
    return (line) => {
      const plain = [{ text: line.text, className: '' }];
      if (highlighter === null || language === null || line.text.length > 1000) return plain;
      const cached = known.get(line.text);
      if (cached) return cached;
      const tokens = highlighter(line.text, language)?.[0] ?? plain;
      known.set(line.text, tokens);
      return tokens;
    };
  }, [highlighter, language]);
}
