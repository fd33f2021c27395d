import type { ReactNode } from 'react';
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';

/** One entry of a menu. */
export interface MenuEntry {
  readonly id: string;
  readonly label: string;
  readonly icon?: ReactNode;
  readonly onAction: () => void;
}

/** A button and the menu that it opens. */
export function Menu(props: {
  readonly label: string;
  readonly trigger: ReactNode;
  readonly entries: readonly MenuEntry[];
}): ReactNode {
  return (
    <MenuTrigger>
      {props.trigger}
      <Popover className="popover" placement="bottom end">
        <AriaMenu className="menu" aria-label={props.label} items={props.entries.map((entry) => ({ ...entry }))}>
          {(entry) => (
            <MenuItem className="menu-item" id={entry.id} textValue={entry.label} onAction={entry.onAction}>
              {entry.icon}
              {entry.label}
            </MenuItem>
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
