import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Autocomplete,
  Dialog,
  Input,
  Menu,
  MenuItem,
  Modal,
  ModalOverlay,
  SearchField,
  useFilter,
} from 'react-aria-components';
import { useAppStore } from '../../state/app-store.ts';
import { text } from '../../text/catalogue.ts';
import { listCommands } from './commands.ts';

/** Every action by name. Arrow keys choose, Enter does it, Esc leaves. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { contains } = useFilter({ sensitivity: 'base' });
  const commands = listCommands(useAppStore.getState());
  return (
    <ModalOverlay className="modal-overlay" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className="modal wide">
        <Dialog className="dialog" aria-label={text.palette.title}>
          <Autocomplete filter={contains}>
            <SearchField className="palette-input" autoFocus aria-label={text.palette.placeholder}>
              <Search size={16} aria-hidden />
              <Input placeholder={text.palette.placeholder} />
            </SearchField>
            <div className="palette-list" tabIndex={0} role="group" aria-label={text.palette.title}>
              <Menu
                className="menu"
                aria-label={text.palette.title}
                items={commands}
                renderEmptyState={() => <div className="palette-empty">{text.palette.empty}</div>}
                onAction={(key) => {
                  onClose();
                  commands.find((command) => command.id === key)?.run();
                }}
              >
                {(command) => (
                  <MenuItem className="menu-item" id={command.id} textValue={command.label}>
                    {command.label}
                  </MenuItem>
                )}
              </Menu>
            </div>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
