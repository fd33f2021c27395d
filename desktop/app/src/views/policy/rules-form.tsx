import type { ApprovalRule, PolicyContent } from '@steward/contracts';
import { Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { text } from '../../text/catalogue.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Segments } from '../../ui/controls.tsx';
import { EntryList } from './entry-list.tsx';
import { withNewRule, withRule } from './policy-content.ts';

const matchLists = ['commands', 'paths', 'domains', 'toolNames'] as const;

/** The rules that ask or refuse, in words; each can be changed or taken out. */
export function RulesForm(props: {
  readonly content: PolicyContent;
  readonly onChange?: (content: PolicyContent) => void;
}): ReactNode {
  const { content, onChange } = props;
  return (
    <section className="stack" aria-label={text.policy.rules}>
      <div className="row">
        <h3 className="grow">{text.policy.rules}</h3>
        {onChange ? (
          <Button small icon={<Plus size={12} />} onPress={() => onChange(withNewRule(content))}>
            {text.policy.addRule}
          </Button>
        ) : null}
      </div>
      {content.approvalRules.length === 0 ? <p className="small soft">{text.policy.noRules}</p> : null}
      {content.approvalRules.map((rule, index) => (
        <RuleCard
          key={index}
          rule={rule}
          {...(onChange
            ? { onChange: (changed: ApprovalRule | null) => onChange(withRule(content, index, changed)) }
            : {})}
        />
      ))}
    </section>
  );
}

function RuleCard(props: {
  readonly rule: ApprovalRule;
  readonly onChange?: (rule: ApprovalRule | null) => void;
}): ReactNode {
  const { rule, onChange } = props;
  return (
    <details className="card capability" data-testid="rule" data-rule={rule.ruleId}>
      <summary>
        <span className="grow truncate">
          <strong>{rule.title}</strong> <span className="small soft mono">{rule.capability}</span>
        </span>
        <span className={`badge ${rule.decision === 'deny' ? 'danger' : 'warn'}`}>
          {text.policy.ruleDecisions[rule.decision]}
        </span>
      </summary>
      <div className="capability-body">
        <label className="field">
          <span className="label">{text.policy.ruleTitle}</span>
          <input
            className="input"
            value={rule.title}
            readOnly={!onChange}
            maxLength={200}
            onChange={(event) => onChange?.({ ...rule, title: event.target.value })}
          />
        </label>
        {onChange ? (
          <div className="row wrap">
            <Segments
              label={text.policy.ruleDecision}
              value={rule.decision}
              options={text.policy.ruleDecisions}
              onChange={(decision) => onChange({ ...rule, decision })}
            />
            <span className="grow" />
            <IconButton
              small
              label={text.policy.removeRule(rule.title)}
              icon={<Trash2 size={14} />}
              onPress={() => onChange(null)}
            />
          </div>
        ) : null}
        {matchLists
          .filter((list) => rule.match?.[list] !== undefined || list === listFor(rule.capability))
          .map((list) => (
            <EntryList
              key={list}
              label={text.policy.matchLists[list].title}
              hint={text.policy.matchLists[list].example}
              entries={rule.match?.[list] ?? []}
              {...(onChange
                ? { onChange: (entries: string[]) => onChange({ ...rule, match: { ...rule.match, [list]: entries } }) }
                : {})}
            />
          ))}
      </div>
    </details>
  );
}

function listFor(capability: ApprovalRule['capability']): (typeof matchLists)[number] | null {
  if (capability === 'Shell.Exec') return 'commands';
  if (capability.startsWith('File.') || capability === 'Workspace.Upload') return 'paths';
  if (capability === 'Network.Http') return 'domains';
  return capability === 'BackendTool.Invoke' ? 'toolNames' : null;
}
