import type { ErrorBody } from '@steward/contracts';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { text } from '../text/catalogue.ts';
import { errorRemedy } from '../text/errors.ts';
import { Button } from './button.tsx';

/** The shape of what is coming; appears only when loading takes longer than 200 ms. */
export function Skeleton({ lines = 6 }: { readonly lines?: number }): ReactNode {
  return (
    <div className="skeleton" role="status" aria-label={text.app.loading}>
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className="skeleton-line" />
      ))}
    </div>
  );
}

/** A list or page with nothing in it yet, and what would fill it. */
export function Empty(props: {
  readonly title: string;
  readonly hint?: string;
  readonly icon?: ReactNode;
  readonly children?: ReactNode;
  readonly centred?: boolean;
}): ReactNode {
  return (
    <div className={`state${props.centred ? ' centred' : ''}`}>
      {props.icon}
      <h2>{props.title}</h2>
      {props.hint ? <p className="soft">{props.hint}</p> : null}
      {props.children}
    </div>
  );
}

/** Something that could not be loaded: what, why, and the way on. */
export function Failure(props: {
  readonly title: string;
  readonly error: ErrorBody;
  readonly onRetry?: () => void;
}): ReactNode {
  return (
    <div className="state" role="alert">
      <TriangleAlert size={20} aria-hidden />
      <h2>{props.title}</h2>
      <p>{props.error.message}</p>
      <p className="soft">{errorRemedy(props.error)}</p>
      {props.onRetry ? <Button onPress={props.onRetry}>{text.app.retry}</Button> : null}
    </div>
  );
}
