import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { unifiedMergeView } from '@codemirror/merge';
import { Compartment, EditorState } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { toDiagnostics } from './problem-marks.ts';
import type { TextProblem } from './problem-marks.ts';
import { editorColours, editorTheme } from './theme.ts';

/**
 * JSON as text, with problems in the margin. It lives in a shadow root, because that is where its styles are adopted as
 * sheets: the page's content security policy allows no style element. Esc and then Tab leaves it by keyboard.
 */
export function JsonEditor(props: {
  readonly label: string;
  readonly value: string;
  /** Absent: the text is for reading. */
  readonly onChange?: (value: string) => void;
  readonly problems?: readonly TextProblem[];
  /** Shows what differs from this older text. */
  readonly comparedTo?: string;
}): ReactNode {
  const { label, value, onChange, problems, comparedTo } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const naming = useRef(new Compartment());
  const changed = useRef(onChange);
  changed.current = onChange;
  const readOnly = onChange === undefined;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const created = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: value,
        extensions: [
          common,
          naming.current.of(named(label)),
          EditorState.readOnly.of(readOnly),
          EditorView.editable.of(!readOnly),
          ...(comparedTo === undefined ? [lintGutter()] : comparison(comparedTo)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = created;
    return () => {
      created.destroy();
      view.current = null;
    };
    // Label and text are those that it starts with; later ones arrive below without losing the cursor.
  }, [readOnly, comparedTo]);

  useEffect(() => {
    view.current?.dispatch({ effects: naming.current.reconfigure(named(label)) });
  }, [label]);

  useEffect(() => {
    const current = view.current;
    if (!current || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const current = view.current;
    if (current) current.dispatch(setDiagnostics(current.state, toDiagnostics(current.state.doc, problems ?? [])));
  }, [problems]);

  return <div ref={place} className="json-editor" data-testid="json-editor" />;
}

const common: Extension = [
  lineNumbers(),
  foldGutter(),
  history(),
  json(),
  indentOnInput(),
  bracketMatching(),
  syntaxHighlighting(editorColours),
  editorTheme,
  EditorView.lineWrapping,
  keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, indentWithTab]),
];

function named(label: string): Extension {
  return EditorView.contentAttributes.of({
    'aria-label': label,
    'aria-description': text.policy.editorHint,
    // A region that scrolls must be reachable by keyboard, also where its text is for reading.
    tabindex: '0',
  });
}

function comparison(original: string): Extension[] {
  return [
    unifiedMergeView({
      original,
      mergeControls: false,
      highlightChanges: true,
      gutter: true,
      collapseUnchanged: { margin: 3, minSize: 6 },
    }),
  ];
}
