import { memo, useMemo } from 'react';
import type { ReactNode } from 'react';
import ReactMarkdown from 'react-markdown';
import type { Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { CodeBlock } from './code-block.tsx';
import { splitMarkdown } from './markdown-blocks.ts';

const plugins = [remarkGfm];

// Nothing is fetched because a model wrote it: pictures become links, links open outside.
const components: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noreferrer noopener" title={href}>
      {children}
    </a>
  ),
  img: ({ src, alt }) => (
    <a href={typeof src === 'string' ? src : undefined} target="_blank" rel="noreferrer noopener">
      {alt || String(src)}
    </a>
  ),
  table: ({ children }) => (
    <div className="table-scroll" tabIndex={0} role="group">
      <table>{children}</table>
    </div>
  ),
  input: ({ checked }) => <span aria-label={checked ? 'done' : 'open'}>{checked ? '☑ ' : '☐ '}</span>,
  pre: ({ children }) => <>{children}</>,
  code: ({ className, children }) => {
    const source = String(children ?? '');
    const language = /language-([\w+#-]+)/.exec(className ?? '')?.[1];
    if (language === undefined && !source.includes('\n')) return <code>{source}</code>;
    return <CodeBlock source={source.replace(/\n$/, '')} language={language ?? null} />;
  },
};

const Block = memo(function Block({ source }: { readonly source: string }): ReactNode {
  return (
    <ReactMarkdown remarkPlugins={plugins} components={components} skipHtml>
      {source}
    </ReactMarkdown>
  );
});

/** Markdown without raw HTML. While text streams in, finished blocks are not parsed again. */
export function Markdown({ source }: { readonly source: string }): ReactNode {
  const blocks = useMemo(() => splitMarkdown(source), [source]);
  return (
    <div className="markdown">
      {blocks.map((block, index) => (
        <Block key={index} source={block} />
      ))}
    </div>
  );
}
