import type { ReactNode } from 'react';
import { baseName, parentPath } from '../../format/paths.ts';
import { text } from '../../text/catalogue.ts';
import type { Mentions } from './use-mentions.ts';

/** Files to choose from, above the composer; the field keeps the focus. */
export function MentionList({
  mentions,
  onChoose,
}: {
  readonly mentions: Mentions;
  readonly onChoose: (path: string) => void;
}): ReactNode {
  if (!mentions.open) return null;
  return (
    <ul id="mentions" className="mentions popover" role="listbox" aria-label={text.composer.files}>
      {mentions.paths.map((path, index) => (
        <li
          key={path}
          id={`mention-${index}`}
          role="option"
          aria-selected={index === mentions.index}
          className={`menu-item${index === mentions.index ? ' current' : ''}`}
          onMouseDown={(event) => {
            event.preventDefault();
            onChoose(path);
          }}
        >
          <span>{baseName(path)}</span>
          <span className="small soft truncate">{parentPath(path)}</span>
        </li>
      ))}
    </ul>
  );
}
