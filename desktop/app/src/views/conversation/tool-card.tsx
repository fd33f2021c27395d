import {
  ChevronRight,
  Download,
  FilePen,
  FilePlus,
  FileSearch,
  FileText,
  FileX,
  FolderTree,
  Globe,
  Plug,
  Search,
  Terminal,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatDuration } from '../../format/time.ts';
import { useAppStore } from '../../state/app-store.ts';
import type { ToolItem } from '../../state/thread.ts';
import { text } from '../../text/catalogue.ts';
import { readsSentence, toolSentence } from '../../text/tools.ts';
import { useThread } from './thread-context.ts';
import { DecisionMark } from './decision-mark.tsx';
import { ToolDetails } from './tool-details.tsx';

const icons: Readonly<Record<string, LucideIcon>> = {
  ReadFile: FileText,
  ListDirectory: FolderTree,
  FindFiles: FileSearch,
  SearchText: Search,
  WriteFile: FilePlus,
  EditFile: FilePen,
  DeleteFile: FileX,
  RunCommand: Terminal,
  HttpRequest: Globe,
  UploadArtifact: Download,
};

/** One tool call: a line when closed; arguments, output and decision when open. */
export function ToolCard({ tool, nested = false }: { readonly tool: ToolItem; readonly nested?: boolean }): ReactNode {
  const { folder, isOpen, toggle } = useThread();
  const open = isOpen(tool.id);
  const Icon = icons[tool.toolName] ?? Plug;
  const untrusted =
    tool.provenance?.trust === 'untrusted' &&
    (tool.provenance.source === 'web' || tool.provenance.source === 'remote_tool');
  return (
    <div
      className={`tool ${tool.phase}${nested ? ' nested' : ''}${open ? ' open' : ''}`}
      data-testid="tool-card"
      data-tool={tool.toolName}
      data-phase={tool.phase}
    >
      <button className="tool-line" aria-expanded={open} onClick={() => toggle(tool.id)}>
        <ChevronRight size={14} aria-hidden className="chevron" />
        <Icon size={15} aria-hidden />
        <span className="tool-sentence truncate">{toolSentence(tool, folder)}</span>
        {untrusted ? (
          <span className="badge warn">{text.conversation.provenance[tool.provenance?.source ?? '']}</span>
        ) : null}
        <ToolResult tool={tool} />
        <DecisionMark tool={tool} />
      </button>
      {open ? <ToolDetails tool={tool} /> : null}
      {!open && tool.phase === 'running' && tool.toolName === 'RunCommand' ? <LiveTail id={tool.id} /> : null}
    </div>
  );
}

/** Consecutive reads as one line; open, each is its own card. */
export function ReadsCard({ tools }: { readonly tools: readonly ToolItem[] }): ReactNode {
  const { isOpen, toggle } = useThread();
  const key = `reads:${tools[0]?.id}`;
  const open = isOpen(key);
  return (
    <div className={`tool reads${open ? ' open' : ''}`} data-testid="reads-card">
      <button className="tool-line" aria-expanded={open} onClick={() => toggle(key)}>
        <ChevronRight size={14} aria-hidden className="chevron" />
        <FileText size={15} aria-hidden />
        <span className="tool-sentence truncate">{readsSentence(tools)}</span>
        <span className="mark soft">{text.marks.allowed}</span>
      </button>
      {open ? (
        <div className="reads-list">
          {tools.map((tool) => (
            <ToolCard key={tool.id} tool={tool} nested />
          ))}
        </div>
      ) : null}
    </div>
  );
}

function ToolResult({ tool }: { readonly tool: ToolItem }): ReactNode {
  const counts = tool.diff === null ? null : diffCounts(tool.diff);
  return (
    <span className="tool-result">
      {counts ? (
        <>
          <span className="added">+{counts.added}</span> <span className="removed">−{counts.removed}</span>
        </>
      ) : null}
      {tool.exitCode !== null ? (
        <span className={tool.exitCode === 0 ? 'soft' : 'removed'}>exit {tool.exitCode}</span>
      ) : null}
      {tool.phase === 'failed' && tool.exitCode === null ? <span className="removed">failed</span> : null}
      {tool.phase === 'stopped' ? <span className="soft">stopped</span> : null}
      {tool.phase === 'running' ? <span className="soft">running</span> : null}
      {tool.durationMs !== null ? <span className="soft">{formatDuration(tool.durationMs)}</span> : null}
    </span>
  );
}

function LiveTail({ id }: { readonly id: string }): ReactNode {
  const { sessionId } = useThread();
  const tail = useAppStore((state) =>
    lastLines(sessionId === null ? '' : (state.threads[sessionId]?.liveOutput[id] ?? ''), 4),
  );
  return tail === '' ? null : <pre className="tool-tail">{tail}</pre>;
}

function lastLines(output: string, count: number): string {
  return output.slice(-2000).trimEnd().split('\n').slice(-count).join('\n');
}

function diffCounts(diff: string): { added: number; removed: number } {
  const lines = diff.split('\n');
  return {
    added: lines.filter((line) => line.startsWith('+') && !line.startsWith('+++')).length,
    removed: lines.filter((line) => line.startsWith('-') && !line.startsWith('---')).length,
  };
}
