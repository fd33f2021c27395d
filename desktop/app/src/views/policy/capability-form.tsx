import type { Capability } from '@steward/contracts';
import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { Segments, Switch } from '../../ui/controls.tsx';
import { EntryList } from './entry-list.tsx';
import { listsOf } from './policy-content.ts';

/** One capability of a policy: what is granted, what is blocked, and what happens to the rest. */
export function CapabilityForm(props: {
  readonly capability: Capability;
  readonly onChange?: (capability: Capability) => void;
}): ReactNode {
  const { capability, onChange } = props;
  const words = text.policy.capabilities[capability.name];
  const change = (part: Partial<Capability>): void => onChange?.({ ...capability, ...part });
  return (
    <details className="card capability" data-testid="capability" data-capability={capability.name}>
      <summary>
        <span className="grow">
          <strong>{words.title}</strong> <span className="small soft mono">{capability.name}</span>
        </span>
        <span className="small soft">{text.policy.capabilitySummary(capability)}</span>
      </summary>
      <div className="capability-body">
        <p className="small soft">{words.hint}</p>
        {listsOf(capability).map((list) => (
          <EntryList
            key={list}
            label={text.policy.lists[list].title}
            hint={text.policy.lists[list].example}
            entries={capability[list] ?? []}
            {...(onChange ? { onChange: (entries: string[]) => change({ [list]: entries }) } : {})}
          />
        ))}
        {onChange ? (
          <>
            <Switch
              label={text.policy.alwaysAsks}
              isSelected={capability.requiresApproval}
              onChange={(requiresApproval) => change({ requiresApproval })}
            />
            <div className="row wrap">
              <span className="small">{text.policy.unlisted}</span>
              <Segments
                label={text.policy.unlisted}
                value={capability.unlisted ?? 'deny'}
                options={text.policy.unlistedChoices}
                onChange={(unlisted) => change({ unlisted })}
              />
            </div>
            {capability.name === 'Shell.Exec' ? (
              <div className="row wrap">
                <span className="small">{text.policy.withoutSandbox}</span>
                <Segments
                  label={text.policy.withoutSandbox}
                  value={capability.withoutSandbox ?? 'require_approval'}
                  options={text.policy.unlistedChoices}
                  onChange={(withoutSandbox) => change({ withoutSandbox })}
                />
              </div>
            ) : null}
          </>
        ) : null}
      </div>
    </details>
  );
}
