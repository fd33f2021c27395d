import { Menu as MenuIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useAppStore } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { IconButton } from '../../ui/button.tsx';

/** The button that opens the rail where the window is too narrow to show it. */
export function RailToggle(): ReactNode {
  return (
    <span className="rail-toggle">
      <IconButton
        label={text.rail.open}
        icon={<MenuIcon size={18} />}
        onPress={() => useAppStore.setState({ railOpen: true })}
      />
    </span>
  );
}

/** The bar at the top of a view: its name, and what can be done with all of it. */
export function ViewBar({ title, children }: { readonly title: string; readonly children?: ReactNode }): ReactNode {
  return (
    <header className="view-bar">
      <RailToggle />
      <h1 className="grow truncate">{title}</h1>
      {children}
    </header>
  );
}
