import type { PolicyContent } from '@steward/contracts';
import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { Segments } from '../../ui/controls.tsx';
import { CapabilityForm } from './capability-form.tsx';
import { withCapability } from './policy-content.ts';
import { RulesForm } from './rules-form.tsx';

const t = text.policy;

/** A policy as a form: name, posture, capabilities, rules. Without `onChange` it is for reading. */
export function PolicyForm(props: {
  readonly content: PolicyContent;
  readonly onChange?: (content: PolicyContent) => void;
}): ReactNode {
  const { content, onChange } = props;
  return (
    <div className="stack policy-form">
      {onChange ? (
        <>
          <label className="field">
            <span className="label">{t.name}</span>
            <input
              className="input"
              maxLength={100}
              value={content.name}
              onChange={(event) => onChange({ ...content, name: event.target.value })}
            />
          </label>
          <label className="field">
            <span className="label">{t.description}</span>
            <textarea
              className="input"
              rows={3}
              maxLength={500}
              value={content.description ?? ''}
              onChange={(event) => onChange({ ...content, description: event.target.value })}
            />
          </label>
          <div className="row wrap">
            <span className="small">{t.zone}</span>
            <Segments
              label={t.zone}
              value={content.zone}
              options={t.zones}
              onChange={(zone) => onChange({ ...content, zone })}
            />
          </div>
        </>
      ) : (
        <>
          {content.description ? <p>{content.description}</p> : null}
          <p className="small soft">
            {t.zone}: {t.zones[content.zone]}
          </p>
        </>
      )}
      <h3>{t.capabilitiesTitle}</h3>
      {content.capabilities.map((capability, index) => (
        <CapabilityForm
          key={`${capability.name}-${index}`}
          capability={capability}
          {...(onChange
            ? { onChange: (changed: typeof capability) => onChange(withCapability(content, index, changed)) }
            : {})}
        />
      ))}
      <RulesForm content={content} {...(onChange ? { onChange } : {})} />
    </div>
  );
}
