import type { ThreadItem, ThreadState, ToolItem } from './thread.ts';

/** The state with an item at the end. */
export function append(state: ThreadState, item: ThreadItem): ThreadState {
  return { ...state, items: [...state.items, item] };
}

/** The state with the newest item of this id replaced; unchanged when there is none. */
export function replaceItem(state: ThreadState, id: string, change: (item: ThreadItem) => ThreadItem): ThreadState {
  const index = state.items.findLastIndex((item) => item.id === id);
  const found = state.items[index];
  if (!found) return state;
  const items = state.items.slice();
  items[index] = change(found);
  return { ...state, items };
}

/** The state with one tool call changed; unchanged when the call is not known. */
export function changeTool(state: ThreadState, toolCallId: string, change: (item: ToolItem) => ToolItem): ThreadState {
  return replaceItem(state, toolCallId, (item) => (item.kind === 'tool' ? change(item) : item));
}

/** Whether an item of this id exists; looks from the newest backwards. */
export function hasItem(state: ThreadState, id: string): boolean {
  return state.items.findLastIndex((item) => item.id === id) >= 0;
}

/** A record without one key. */
export function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record;
  const { [key]: _removed, ...rest } = record;
  return rest;
}
