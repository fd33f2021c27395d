import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { formatTimeOfDay } from '../../format/time.ts';
import { host } from '../../state/app-runtime.ts';
import { attempt } from '../../state/actions.ts';
import { navigate, useAppStore } from '../../state/app-store.ts';
import { conversationOf } from '../../state/selectors.ts';
import type { ToolItem } from '../../state/thread.ts';
import { text } from '../../text/catalogue.ts';
import { errorSentence } from '../../text/errors.ts';
import { reasonSentence, reasonSentences } from '../../text/reasons.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/code-block.tsx';
import { Emphasised } from '../../ui/emphasised.tsx';
import { useThread } from './thread-context.ts';

/** Everything about one tool call: arguments, output with search and copy, the decision with its rule. */
export function ToolDetails({ tool }: { readonly tool: ToolItem }): ReactNode {
  const { sessionId } = useThread();
  const untrusted = tool.provenance?.trust === 'untrusted';
  return (
    <div className="tool-details">
      <Arguments args={tool.args} />
      {tool.error ? (
        <p className="removed">
          <Emphasised source={sentenceOf(tool)} />
        </p>
      ) : null}
      <Output tool={tool} />
      {untrusted && tool.provenance ? (
        <p className="small soft">
          {text.conversation.untrusted(
            tool.provenance.detail ?? text.conversation.provenance[tool.provenance.source] ?? tool.provenance.source,
          )}
        </p>
      ) : null}
      <Decision tool={tool} />
      {sessionId !== null && tool.diff !== null ? (
        <div>
          <Button small onPress={() => navigate({ view: 'conversation', sessionId, patch: true })}>
            {text.conversation.openChanges}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function Arguments({ args }: { readonly args: ToolItem['args'] }): ReactNode {
  const entries = Object.entries(args);
  if (entries.length === 0) return null;
  return (
    <section>
      <p className="label">{text.conversation.argumentsOf}</p>
      <dl className="facts">
        {entries.map(([name, value]) => (
          <div key={name} className="fact">
            <dt>{name}</dt>
            <dd>
              <pre className="value">{typeof value === 'string' ? clip(value) : JSON.stringify(value, null, 2)}</pre>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Output({ tool }: { readonly tool: ToolItem }): ReactNode {
  const { sessionId } = useThread();
  const live = useAppStore((state) => (sessionId === null ? undefined : state.threads[sessionId]?.liveOutput[tool.id]));
  const workspaceId = useAppStore((state) =>
    sessionId === null ? null : (conversationOf(state, sessionId)?.workspaceId ?? null),
  );
  const [query, setQuery] = useState('');
  const [whole, setWhole] = useState<string | null>(null);
  const output = whole ?? tool.output ?? live ?? '';
  const shown = useMemo(() => matchingLines(output, query), [output, query]);
  const artifactId = /art_[0-9A-Z]{26}/.exec(tool.artifactUris[0] ?? '')?.[0];
  if (output === '' && tool.phase !== 'succeeded') return null;
  return (
    <section>
      <div className="row">
        <p className="label grow">{text.conversation.outputOf}</p>
        {output.length > 400 ? (
          <input
            className="input output-search"
            type="search"
            aria-label={text.conversation.searchOutput}
            placeholder={text.conversation.searchOutput}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
        ) : null}
        {output === '' ? null : <CopyButton value={output} label={text.conversation.copyOutput} />}
      </div>
      {output === '' ? (
        <p className="small soft">{text.conversation.noOutput}</p>
      ) : (
        <pre className="tool-output" tabIndex={0} role="group" aria-label={text.conversation.outputOf}>
          {shown.text}
        </pre>
      )}
      {query !== '' ? (
        <p className="small soft" role="status">
          {text.conversation.matches(shown.count)}
        </p>
      ) : null}
      {artifactId && workspaceId && whole === null ? (
        <Button
          small
          onPress={() =>
            void attempt(async () => {
              const content = await host().call('getArtifact', { workspaceId, artifactId });
              setWhole(content.text ?? `${content.contentType}, ${content.sizeBytes} bytes`);
            })
          }
        >
          {text.conversation.fullOutput}
        </Button>
      ) : null}
    </section>
  );
}

function Decision({ tool }: { readonly tool: ToolItem }): ReactNode {
  const { decision, approval } = tool;
  if (decision === null && approval === null) return null;
  const when = approval ? formatTimeOfDay(approval.at) : '';
  const who = approval?.by ?? decision?.approvedBy ?? '';
  const answer =
    approval &&
    {
      approved: text.decision.approvedBy(who, text.decision.how[approval.scope ?? 'once'], when),
      denied: text.decision.deniedBy(who, when),
      timeout: text.decision.timedOut(when),
      cancelled: text.decision.withdrawn(when),
    }[approval.decision];
  return (
    <section>
      <p className="label">{text.conversation.decisionOf}</p>
      {answer ? <p data-testid="approval-answer">{answer}</p> : null}
      {!answer && decision?.approvedBy ? <p>{text.decision.approvedBy(decision.approvedBy, '', '')}</p> : null}
      {approval?.reason ? (
        <p>
          {text.decision.reason}: {approval.reason}
        </p>
      ) : null}
      {decision ? (
        <>
          <p className="soft">
            <Emphasised source={decision.explanation ?? reasonSentences(decision.reasonCodes)} />
          </p>
          {decision.explanation === undefined || decision.decision === 'allow' ? null : (
            <ul className="small soft" data-testid="decision-reasons">
              {decision.reasonCodes.map((code) => (
                <li key={code}>{reasonSentence(code)}</li>
              ))}
            </ul>
          )}
          {decision.remedy === undefined ? null : (
            <p className="soft" data-testid="decision-remedy">
              {text.decision.remedy}: <Emphasised source={decision.remedy} />
            </p>
          )}
          <p className="small soft mono">
            {[decision.ruleTitle ?? decision.ruleId, ...decision.reasonCodes]
              .filter((part) => part !== undefined)
              .join(' · ')}
          </p>
        </>
      ) : null}
    </section>
  );
}

function matchingLines(output: string, query: string): { text: string; count: number } {
  if (query === '') return { text: output, count: 0 };
  const needle = query.toLowerCase();
  const lines = output.split('\n').filter((line) => line.toLowerCase().includes(needle));
  return { text: lines.join('\n'), count: lines.length };
}

function clip(value: string): string {
  return value.length > 4000 ? `${value.slice(0, 4000)}…` : value;
}

/** A refusal by the policy says itself what would have to change; every other error gets the remedy of its code. */
function sentenceOf({ error, decision }: ToolItem): string {
  if (!error) return '';
  return decision?.remedy === undefined ? errorSentence({ ...error, retryable: false, details: {} }) : error.message;
}
