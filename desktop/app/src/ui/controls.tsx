import type { ReactNode } from 'react';
import { Switch as AriaSwitch, ToggleButton, ToggleButtonGroup } from 'react-aria-components';

/** An on or off choice. */
export function Switch(props: {
  readonly label: string;
  readonly isSelected: boolean;
  readonly onChange: (on: boolean) => void;
}): ReactNode {
  return (
    <AriaSwitch className="switch" isSelected={props.isSelected} onChange={props.onChange}>
      <span className="track" />
      {props.label}
    </AriaSwitch>
  );
}

/** One choice of a few, all visible. */
export function Segments<T extends string>(props: {
  readonly label: string;
  readonly value: T;
  readonly options: Readonly<Record<T, string>>;
  readonly onChange: (value: T) => void;
}): ReactNode {
  return (
    <ToggleButtonGroup
      className="segments"
      aria-label={props.label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[props.value]}
      onSelectionChange={(keys) => {
        const [key] = keys;
        if (key !== undefined) props.onChange(key as T);
      }}
    >
      {(Object.keys(props.options) as T[]).map((key) => (
        <ToggleButton key={key} id={key} className="segment">
          {props.options[key]}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
