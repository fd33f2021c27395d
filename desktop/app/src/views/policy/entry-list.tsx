import { Plus, X } from 'lucide-react';
import { useId, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { Button, IconButton } from '../../ui/button.tsx';

/** A list of short texts: each can be taken out, and one more can be added. */
export function EntryList(props: {
  readonly label: string;
  readonly hint: string;
  readonly entries: readonly string[];
  /** Absent: the list is for reading. */
  readonly onChange?: (entries: string[]) => void;
}): ReactNode {
  const { label, entries, onChange } = props;
  const [added, setAdded] = useState('');
  const id = useId();
  const entry = added.trim();
  const add = (event: FormEvent): void => {
    event.preventDefault();
    if (entry === '' || entries.includes(entry)) return;
    onChange?.([...entries, entry]);
    setAdded('');
  };
  return (
    <div className="field entry-list" role="group" aria-labelledby={id}>
      <span className="label" id={id}>
        {label}
      </span>
      {entries.length === 0 ? <p className="small soft">{text.policy.noEntries}</p> : null}
      <ul aria-label={label}>
        {entries.map((item) => (
          <li key={item} className="entry mono">
            <span className="truncate" title={item}>
              {item}
            </span>
            {onChange ? (
              <IconButton
                small
                label={text.policy.removeEntry(item)}
                icon={<X size={12} />}
                onPress={() => onChange(entries.filter((other) => other !== item))}
              />
            ) : null}
          </li>
        ))}
      </ul>
      {onChange ? (
        <form className="row" onSubmit={add}>
          <input
            className="input mono grow"
            value={added}
            placeholder={props.hint}
            aria-label={text.policy.addTo(label)}
            onChange={(event) => setAdded(event.target.value)}
          />
          <Button small type="submit" icon={<Plus size={12} />} isDisabled={entry === '' || entries.includes(entry)}>
            {text.policy.add}
          </Button>
        </form>
      ) : null}
    </div>
  );
}
