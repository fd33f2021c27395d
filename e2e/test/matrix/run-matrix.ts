import { SchemaCompiler } from '@steward/service-kit';
import { enumerateCells } from './cells.ts';
import type { Cell } from './cells.ts';
import { expectedOf } from './expected.ts';
import { send } from './http.ts';
import type { HttpAnswer } from './http.ts';
import { createPrincipals, tenants } from './principals.ts';
import { canaryOf, seed } from './seeds.ts';
import { openApis } from './world.ts';
import type { ServiceName, World } from './world.ts';

/** What a run of the matrix found. */
export interface MatrixReport {
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Calls whose answer held a byte of another tenant. */
  readonly leaks: readonly string[];
  /** Calls that were answered with another status than the declared access allows. */
  readonly wrongStatus: readonly string[];
  /** Calls whose body is not the documented one. */
  readonly wrongBody: readonly string[];
  /** Operations at which somebody saw the own tenant's canary, so that looking for it means something. */
  readonly canarySeen: ReadonlySet<string>;
  /** Operations at which somebody else of the tenant than the owner or a person with a tenant-wide role saw it. */
  readonly seenByStranger: ReadonlySet<string>;
}

/** How a run differs from the whole matrix. */
export interface MatrixOptions {
  /** Which part of the calls with verbs that a path does not have is made, from 0 to 1; all unless given. */
  readonly undeclaredShare?: number;
  /** Which part of the other calls is made; all unless given. */
  readonly declaredShare?: number;
}

const workers = 8;

/** Seeds the world and makes every call of the matrix, what destroys things last. */
export async function runMatrix(world: World, options: MatrixOptions = {}): Promise<MatrixReport> {
  const { undeclaredShare = 1, declaredShare = 1 } = options;
  const seeded = await seed(world);
  const principals = await createPrincipals(world.issuer);
  const all = [...enumerateCells(principals, seeded)].filter(
    (cell, index) => spread(index) < (cell.operation === undefined ? undeclaredShare : declaredShare),
  );
  const report = {
    requests: all.length,
    statuses: {} as Record<string, number>,
    leaks: [] as string[],
    wrongStatus: [] as string[],
    wrongBody: [] as string[],
    canarySeen: new Set<string>(),
    seenByStranger: new Set<string>(),
  };
  const check = createBodyCheck();
  const visit = async (cell: Cell): Promise<void> => {
    const { method, url, headers, body } = cell;
    const port = world.ports[cell.service];
    const answer = await send({ port, method, path: url, headers, ...(body === undefined ? {} : { body }) });
    report.statuses[answer.status] = (report.statuses[answer.status] ?? 0) + 1;
    const name = `${cell.service} ${method} ${cell.path} (${cell.resource}) as ${cell.principal.name}`;
    for (const tenant of leaksIn(answer, cell.principal.tenant)) report.leaks.push(`${name}: bytes of ${tenant}`);
    const expected = expectedOf(cell);
    if (!expected.has(answer.status)) {
      report.wrongStatus.push(
        `${name}: ${answer.status} instead of ${[...expected].join(' or ')} ${answer.body.slice(0, 200)}`,
      );
    }
    const problem = check(cell, answer);
    if (problem !== undefined) report.wrongBody.push(`${name}: ${problem}`);
    const { tenant, userId } = cell.principal;
    const operationId = cell.operation?.operationId;
    if (tenant === undefined || operationId === undefined || !answer.body.includes(canaryOf(tenant))) return;
    report.canarySeen.add(operationId);
    if (userId === 'stranger') report.seenByStranger.add(operationId);
  };
  await inParallel(
    all.filter((cell) => !changesTheWorld(cell)),
    visit,
  );
  await inParallel(all.filter(changesTheWorld), visit);
  return report;
}

/** Calls after which others would be answered otherwise: deletions, and events that begin a stream under a foreign id. */
function changesTheWorld({ method, operation, resource }: Cell): boolean {
  if (operation === undefined) return false;
  return method === 'DELETE' || (operation.operationId === 'appendEvents' && resource !== 'own');
}

/** The same numbers from 0 to 1 in every run, evenly spread (multiples of the golden ratio). */
function spread(index: number): number {
  return (index * 0.618_033_988_75) % 1;
}

/** The tenants whose canary is in an answer to somebody who is not of that tenant. */
export function leaksIn(answer: Pick<HttpAnswer, 'headers' | 'body'>, tenant: string | undefined): string[] {
  const text = `${answer.headers}\n${answer.body}`.toLowerCase();
  return tenants.filter((other) => other !== tenant && forms(canaryOf(other)).some((form) => text.includes(form)));
}

/** One line for a report. */
export function summaryOf(name: string, report: MatrixReport): string {
  const statuses = Object.entries(report.statuses).map(([status, count]) => `${status}: ${count}`);
  return (
    `${name}: ${report.requests} requests, ${statuses.join(', ')}; wrong status ${report.wrongStatus.length}, ` +
    `wrong body ${report.wrongBody.length}, leaks ${report.leaks.length}`
  );
}

/** The word as text and as Base64 would carry it, wherever it begins. */
function forms(canary: string): string[] {
  const inBase64 = [0, 1, 2].map((shift) => {
    const text = Buffer.from(`${'\0'.repeat(shift)}${canary}`).toString('base64');
    return text.slice(Math.ceil((shift * 4) / 3), -4).toLowerCase();
  });
  return [canary, ...inBase64];
}

function createBodyCheck(): (cell: Cell, answer: HttpAnswer) => string | undefined {
  const compilers = new Map<ServiceName, SchemaCompiler>();
  const validators = new Map<object, (value: unknown) => boolean>();
  return (cell, { status, contentType, body }) => {
    if (cell.method === 'HEAD') return body === '' ? undefined : 'HEAD was answered with a body';
    const schema = cell.operation?.responses[String(status)]?.content?.['application/json']?.schema;
    if (cell.operation !== undefined && cell.operation.responses[String(status)] === undefined)
      return `status ${status} is not documented`;
    if (status < 400 && schema === undefined) return undefined;
    if (!contentType.startsWith('application/json')) return `content type ${contentType}`;
    const value: unknown = JSON.parse(body);
    if (schema === undefined)
      return typeof (value as { code?: unknown }).code === 'string' ? undefined : 'no error body';
    const compiler = compilers.get(cell.service) ?? new SchemaCompiler(openApis[cell.service], false);
    compilers.set(cell.service, compiler);
    const validate = validators.get(schema) ?? (compiler.compile(schema) as (value: unknown) => boolean);
    validators.set(schema, validate);
    return validate(value) ? undefined : `undocumented body ${body.slice(0, 200)}`;
  };
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
