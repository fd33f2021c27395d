import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { text } from '../text/catalogue.ts';
import { IconButton } from './button.tsx';
import { useHighlight } from './highlight.tsx';

/** Copies a text to the clipboard and shows that it did. */
export function CopyButton({
  value,
  label = text.app.copy,
}: {
  readonly value: string;
  readonly label?: string;
}): ReactNode {
  const [done, setDone] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(value).then(() => {
      setDone(true);
      setTimeout(() => setDone(false), 1500);
    });
  };
  return (
    <IconButton
      small
      label={done ? text.app.copied : label}
      icon={done ? <Check size={14} /> : <Copy size={14} />}
      onPress={copy}
    />
  );
}

/** Code in a frame that scrolls sideways by itself, coloured once the highlighter is there. */
export function CodeBlock({
  source,
  language,
}: {
  readonly source: string;
  readonly language: string | null;
}): ReactNode {
  const lines = useHighlight(source, language);
  return (
    <figure className="code-block">
      <div className="code-block-bar">
        <span className="small soft">{language ?? ''}</span>
        <CopyButton value={source} />
      </div>
      <pre tabIndex={0} aria-label={language ? `${language} code` : 'code'} role="group">
        <code>
          {lines === null
            ? source
            : lines.map((line, index) => (
                <span key={index}>
                  {line.map((token, position) => (
                    <span key={position} className={token.className}>
                      {token.text}
                    </span>
                  ))}
                  {index < lines.length - 1 ? '\n' : null}
                </span>
              ))}
        </code>
      </pre>
    </figure>
  );
}
