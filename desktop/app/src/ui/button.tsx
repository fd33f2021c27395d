import type { ReactNode } from 'react';
import { Button as AriaButton, Tooltip, TooltipTrigger } from 'react-aria-components';
import type { ButtonProps as AriaButtonProps } from 'react-aria-components';

/** How a button looks; one primary per view. */
export type ButtonTone = 'plain' | 'primary' | 'danger' | 'danger-fill' | 'quiet';

/** A button with words. */
export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'style'> {
  readonly tone?: ButtonTone;
  readonly small?: boolean;
  readonly icon?: ReactNode;
  readonly children?: ReactNode;
}

/** A button with words and, where it helps, an icon before them. */
export function Button({
  tone = 'plain',
  small = false,
  icon,
  children,
  isPending = false,
  isDisabled = false,
  ...rest
}: ButtonProps): ReactNode {
  return (
    // The library announces a pending button by an image whose label may be gone before it is read.
    <AriaButton {...rest} isDisabled={isDisabled || isPending} className={`button ${tone}${small ? ' small' : ''}`}>
      {icon}
      {children}
    </AriaButton>
  );
}

/** A button that shows an icon only; its label is spoken, and shown on hover and focus. */
export function IconButton({
  label,
  icon,
  small = false,
  tone = 'quiet',
  ...rest
}: ButtonProps & { readonly label: string }): ReactNode {
  return (
    <TooltipTrigger delay={400}>
      <AriaButton {...rest} aria-label={label} className={`button icon ${tone}${small ? ' small' : ''}`}>
        {icon}
      </AriaButton>
      <Tooltip className="tooltip" offset={6}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
