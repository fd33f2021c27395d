import type { PendingApproval } from '@steward/contracts';
import { text } from '../../text/catalogue.ts';

/** One thing to show in full: a label and the exact text. */
export interface SubjectPart {
  readonly label: string;
  readonly value: string;
  readonly isDiff: boolean;
}

/**
 * The exact action in parts, nothing left out. A kind that is not known, or one whose own fields are missing, is
 * shown raw: what can't be understood must not look harmless.
 */
export function subjectParts(approval: Pick<PendingApproval, 'subject' | 'details'>): readonly SubjectPart[] {
  const { subject } = approval;
  const part = (label: string, value: string | undefined, isDiff = false): SubjectPart[] =>
    value === undefined || value === '' ? [] : [{ label, value, isDiff }];
  const raw = [
    {
      label: text.approval.raw,
      value: JSON.stringify({ toolName: approval.details.toolName, arguments: approval.details.arguments }, null, 2),
      isDiff: false,
    },
  ];
  const known = ((): SubjectPart[] => {
    switch (subject.kind) {
      case 'command':
        return subject.command === undefined || subject.command === ''
          ? []
          : [
              ...part(text.approval.command, subject.command),
              ...part(text.approval.variables, linesOf(subject.arguments?.['env'], '=')),
              ...part(text.approval.input, subject.body),
            ];
      case 'file_write':
        return [...part(text.approval.path, subject.path), ...part(text.approval.diff, subject.diff, true)];
      case 'file_delete':
      case 'file_read':
        return part(text.approval.path, subject.path);
      case 'network':
        return [
          ...part(text.approval.url, [subject.method, subject.url].filter(Boolean).join(' ')),
          ...part(text.approval.headers, linesOf(subject.arguments?.['headers'], ': ')),
          ...part(text.approval.body, subject.body),
        ];
      default:
        return [];
    }
  })();
  return known.length === 0 ? raw : known;
}

/** Names and texts, one a line; a secret is there by its name. */
function linesOf(values: unknown, between: string): string {
  if (typeof values !== 'object' || values === null) return '';
  return Object.entries(values)
    .map(([name, value]) => `${name}${between}${String(value)}`)
    .join('\n');
}
