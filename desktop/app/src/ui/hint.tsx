import type { ReactNode } from 'react';
import { Focusable, Tooltip, TooltipTrigger } from 'react-aria-components';

/** Text with more to say: the rest appears on hover and on focus. */
export function Hint({
  hint,
  children,
  className = '',
}: {
  readonly hint: string;
  readonly children: ReactNode;
  readonly className?: string;
}): ReactNode {
  return (
    <TooltipTrigger delay={300}>
      <Focusable>
        <span role="note" aria-label={hint} tabIndex={0} className={className}>
          {children}
        </span>
      </Focusable>
      <Tooltip className="tooltip" offset={6}>
        {hint}
      </Tooltip>
    </TooltipTrigger>
  );
}
