import type { ThreadItem, ToolItem } from './thread.ts';

/** One drawn row: an item, or consecutive finished reads folded together. */
export type Row =
  | { readonly key: string; readonly type: 'item'; readonly item: ThreadItem }
  | { readonly key: string; readonly type: 'reads'; readonly tools: readonly ToolItem[] };

const readTools = new Set(['ReadFile', 'ListDirectory', 'FindFiles', 'SearchText']);

/** Rows for a thread: two or more consecutive reads that succeeded without asking become one. */
export function toRows(items: readonly ThreadItem[]): readonly Row[] {
  const rows: Row[] = [];
  let reads: ToolItem[] = [];
  const flush = (): void => {
    const first = reads[0];
    if (first && reads.length === 1) rows.push({ key: first.id, type: 'item', item: first });
    else if (first) rows.push({ key: `reads:${first.id}`, type: 'reads', tools: reads });
    reads = [];
  };
  for (const item of items) {
    if (isQuietRead(item)) reads.push(item);
    else {
      flush();
      rows.push({ key: item.id, type: 'item', item });
    }
  }
  flush();
  return rows;
}

function isQuietRead(item: ThreadItem): item is ToolItem {
  return item.kind === 'tool' && readTools.has(item.toolName) && item.phase === 'succeeded' && item.approval === null;
}
