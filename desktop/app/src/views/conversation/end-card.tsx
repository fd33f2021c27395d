import { CircleCheck, CircleSlash, CircleX, FileDiff, RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatDuration } from '../../format/time.ts';
import { countOf } from '../../format/numbers.ts';
import { navigate, setDraft } from '../../state/app-store.ts';
import type { EndItem } from '../../state/thread.ts';
import { text } from '../../text/catalogue.ts';
import { errorRemedy, errorTitle } from '../../text/errors.ts';
import { Button } from '../../ui/button.tsx';
import { useThread } from './thread-context.ts';

/** How a task ended, and the way on. */
export function EndCard({ end }: { readonly end: EndItem }): ReactNode {
  return (
    <div className={`end ${end.outcome}`} data-testid={`task-${end.outcome}`}>
      {end.outcome === 'completed' ? (
        <Completed end={end} />
      ) : end.outcome === 'failed' ? (
        <Failed end={end} />
      ) : (
        <Cancelled end={end} />
      )}
      <Files end={end} />
    </div>
  );
}

function Completed({ end }: { readonly end: EndItem }): ReactNode {
  const steps = end.stepCount === null ? null : countOf(end.stepCount, 'step');
  return (
    <p className="end-line">
      <CircleCheck size={16} aria-hidden className="added" />
      <span>
        {steps !== null && end.durationMs !== null
          ? text.ends.completedIn(steps, formatDuration(end.durationMs))
          : text.ends.completed}
      </span>
    </p>
  );
}

function Failed({ end }: { readonly end: EndItem }): ReactNode {
  const { sessionId } = useThread();
  const stepsUsed = end.reason === 'max_steps_exceeded';
  return (
    <>
      <p className="end-line">
        <CircleX size={16} aria-hidden className="removed" />
        <strong>{text.ends.failed}</strong>
      </p>
      {stepsUsed ? <p>{text.ends.maxSteps}</p> : null}
      {end.error && !stepsUsed ? (
        <>
          <p>{errorTitle(end.error)}</p>
          {end.error.message !== errorTitle(end.error) ? <p className="soft">{end.error.message}</p> : null}
          <p className="soft">{errorRemedy(end.error)}</p>
        </>
      ) : null}
      {end.error ? <p className="small soft mono">{end.error.code}</p> : null}
      {sessionId !== null && end.prompt !== null ? (
        <div className="row">
          <Button
            small
            icon={<RotateCcw size={14} aria-hidden />}
            onPress={() => {
              setDraft(sessionId, end.prompt ?? '');
              document.getElementById('composer')?.focus();
            }}
          >
            {text.ends.retry}
          </Button>
        </div>
      ) : null}
    </>
  );
}

function Cancelled({ end }: { readonly end: EndItem }): ReactNode {
  return (
    <p className="end-line">
      <CircleSlash size={16} aria-hidden className="soft" />
      <span>{end.forced ? text.ends.cancelledForced : text.ends.cancelled}</span>
    </p>
  );
}

function Files({ end }: { readonly end: EndItem }): ReactNode {
  const { sessionId } = useThread();
  if (end.filesChanged.length === 0) return null;
  return (
    <div className="end-files">
      <p className="small soft">{text.ends.filesChanged(end.filesChanged.length)}</p>
      <ul>
        {end.filesChanged.slice(0, 8).map((file) => (
          <li key={file.path} className="row small">
            <span className="mono truncate">{file.path}</span>
            <span className="added">+{file.additions}</span>
            <span className="removed">−{file.deletions}</span>
          </li>
        ))}
        {end.filesChanged.length > 8 ? (
          <li className="small soft">{text.ends.filesChanged(end.filesChanged.length)}</li>
        ) : null}
      </ul>
      {sessionId !== null ? (
        <div>
          <Button
            small
            icon={<FileDiff size={14} aria-hidden />}
            onPress={() => navigate({ view: 'conversation', sessionId, patch: true })}
          >
            {text.ends.review}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
