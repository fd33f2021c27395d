/**
 * `npm run nag`: checks every environment with the AWS Solutions rules and writes `dist/nag-report.json` with what was
 * accepted and why. An open finding ends it with 1. The rules are tried on a bucket without any protection first, so
 * that a pack which finds nothing because it does not run can't pass.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, Stack } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..');
const root = join(folder, '..', '..');
const context = {
  account: '111122223333',
  region: 'eu-central-1',
  domain: 'steward.example.com',
  hostedZoneId: 'Z0123456789ABC',
  oidcIssuer: 'https://login.example.com',
  operatorEmail: 'operator@example.com',
  imageTag: '1.0.0',
};

const control = openFindingsOfAnUnprotectedBucket();
if (control === 0) throw new Error('The rules found nothing about a bucket without protection, so they did not run.');
const report = { control: { findings: control }, environments: {} };
let open = 0;
for (const environment of ['dev', 'staging', 'prod']) {
  const { problem, resources, accepted } = check(environment);
  report.environments[environment] = { resources, open: problem, accepted };
  if (problem !== undefined) open += 1;
  console.log(
    `${environment}: ${resources} resources, ${accepted.length} accepted findings${problem ? `, OPEN: ${problem}` : ', none open'}`,
  );
}
const file = join(root, 'dist', 'nag-report.json');
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
for (const [rule, reason] of reasons(report)) console.log(`  ${rule}: ${reason}`);
console.log(`${file}: the rules found ${control} faults of the unprotected bucket they are tried on.`);
process.exit(open === 0 ? 0 : 1);

/** Synthesis itself stops at an open finding. */
function check(environment) {
  const out = mkdtempSync(join(tmpdir(), 'steward-nag-'));
  const env = { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify({ ...context, environment }) };
  let problem;
  try {
    execFileSync(process.execPath, [join(folder, 'bin', 'app.mjs')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    problem = `${error.stdout}${error.stderr}`.slice(-4000);
  }
  const read = (suffix) =>
    readdirSync(out)
      .filter((name) => name.endsWith(suffix))
      .map((name) => JSON.parse(readFileSync(join(out, name), 'utf8')));
  const resources = read('.template.json').reduce((sum, template) => sum + Object.keys(template.Resources).length, 0);
  const accepted = read('.metadata.json').flatMap(acceptedIn);
  rmSync(out, { recursive: true, force: true });
  return { problem, resources, accepted };
}

function acceptedIn(metadata) {
  return Object.entries(metadata).flatMap(([construct, entries]) =>
    entries
      .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
      .flatMap(({ data }) =>
        Object.entries(data).map(([id, reason]) => ({ rule: id.replace(/^Annotation::/, ''), construct, reason })),
      )
      .filter(({ rule }) => rule.startsWith('AwsSolutions')),
  );
}

function reasons({ environments }) {
  const all = Object.values(environments).flatMap(({ accepted }) => accepted);
  return new Map(all.map(({ rule, reason }) => [rule.replace(/(dev|staging|prod)-/g, '{env}-'), reason]));
}

function openFindingsOfAnUnprotectedBucket() {
  const app = new App();
  new CfnBucket(new Stack(app, 'control'), 'Bucket');
  const { violations } = new AwsSolutionsChecks().validateScope(app);
  return violations.length;
}
