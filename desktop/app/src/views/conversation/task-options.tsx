import { SlidersHorizontal } from 'lucide-react';
import { useId } from 'react';
import type { ReactNode } from 'react';
import type { TaskOptions } from '@steward/contracts';
import { Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { text } from '../../text/catalogue.ts';
import { IconButton } from '../../ui/button.tsx';
import { Switch } from '../../ui/controls.tsx';

const modes = ['on_risky_actions', 'always', 'never'] as const;

/** Steps, network and approvals for the next task, behind one button. */
export function TaskOptionsButton(props: {
  readonly options: TaskOptions;
  readonly onChange: (options: TaskOptions) => void;
}): ReactNode {
  return (
    <DialogTrigger>
      <IconButton label={text.composer.options} icon={<SlidersHorizontal size={16} />} />
      <Popover className="popover" placement="top start">
        <Dialog className="panel" aria-label={text.composer.options}>
          <TaskOptionsFields {...props} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

/** The fields of the task options; also used for the defaults in Settings. */
export function TaskOptionsFields({
  options,
  onChange,
}: {
  readonly options: TaskOptions;
  readonly onChange: (options: TaskOptions) => void;
}): ReactNode {
  const id = useId();
  const mode = options.approvalMode ?? 'on_risky_actions';
  return (
    <>
      <div className="field">
        <label htmlFor={`${id}-steps`}>{text.composer.maxSteps}</label>
        <input
          id={`${id}-steps`}
          className="input"
          type="number"
          min={1}
          max={1000}
          value={options.maxSteps ?? 40}
          onChange={(event) => {
            const steps = Math.trunc(Number(event.target.value));
            if (steps >= 1 && steps <= 1000) onChange({ ...options, maxSteps: steps });
          }}
        />
      </div>
      <Switch
        label={text.composer.network}
        isSelected={options.allowNetwork !== false}
        onChange={(allowNetwork) => onChange({ ...options, allowNetwork })}
      />
      <fieldset className="radio-group">
        <legend>{text.composer.approvalMode}</legend>
        {modes.map((value) => (
          <label key={value} className="radio">
            <input
              type="radio"
              name={`${id}-mode`}
              value={value}
              checked={mode === value}
              onChange={() => onChange({ ...options, approvalMode: value })}
            />
            {text.composer.approvalModes[value]}
          </label>
        ))}
      </fieldset>
      <p className="small soft">{text.composer.optionsHint}</p>
    </>
  );
}
