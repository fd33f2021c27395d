/**
 * The rules of a kept library, run as it runs them but at once: each looks at a text and reports ranges while it is
 * called. Rules that look at whole files by their name are left out, since text in a prompt has none.
 */
/** A range of a text that a rule took for a secret. */
export interface LibraryFinding {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

const prefix = '@secretlint/secretlint-rule-';
/** Rules that have no pattern of their own. */
const leftOut = new Set(['filter-comments', 'gcp']);

const kinds: Readonly<Record<string, string>> = {
  aws: 'AWS key',
  privatekey: 'private key',
  npm: 'npm token',
  basicauth: 'password in an address',
  slack: 'Slack token',
  sendgrid: 'SendGrid key',
  shopify: 'Shopify key',
  github: 'GitHub token',
  gitlab: 'GitLab token',
  grafana: 'Grafana token',
  openai: 'API key',
  anthropic: 'API key',
  groq: 'API key',
  huggingface: 'Hugging Face token',
  linear: 'Linear key',
  notion: 'Notion key',
  '1password': '1Password token',
  'database-connection-string': 'database password',
  'hashicorp-vault': 'Vault token',
  vercel: 'Vercel token',
  databricks: 'Databricks token',
  docker: 'Docker token',
  figma: 'Figma token',
};

interface Report {
  readonly range: readonly number[];
}

/** What the library hands to a rule, as far as its rules use it. */
interface RunnableRule {
  readonly meta: { readonly id: string };
  create(context: unknown, options: unknown): { file?(source: unknown): unknown };
}

let runnable: readonly RunnableRule[] = [];
let loading: Promise<void> | undefined;

/**
 * Loads the library's rules, which takes longer than everything else here; a process that starts while a person waits
 * does it later. Until then our own rules stand alone. Safe to call again.
 */
export function loadDetectors(): Promise<void> {
  return (loading ??= import('@secretlint/secretlint-rule-preset-recommend').then(({ rules }) => {
    runnable = (rules as unknown as readonly RunnableRule[]).filter(
      ({ meta }) => meta.id.startsWith(prefix) && !leftOut.has(meta.id.slice(prefix.length)),
    );
  }));
}

/** Everything that the library's rules find, in no order; ranges may overlap. */
export function libraryFindings(text: string): LibraryFinding[] {
  const found: LibraryFinding[] = [];
  const source = { filePath: '/text', content: text, contentType: 'text', ext: '', hasBOM: false };
  for (const rule of runnable) {
    const id = rule.meta.id.slice(prefix.length);
    const kind = kinds[id] ?? id;
    const context = {
      sharedOptions: {},
      locale: 'en',
      logger: undefined,
      createTranslator: () => () => ({ message: '', messageId: '' }),
      ignore: () => undefined,
      report: ({ range }: Report) => {
        const [start = 0, end = 0] = range;
        if (end > start) found.push({ start, end, kind });
      },
    };
    const work = rule.create(context, { enableIDScanRule: true }).file?.(source);
    // A rule that fails later has reported what it saw before; nobody waits for it.
    if (work instanceof Promise) work.catch(() => undefined);
  }
  return found;
}
