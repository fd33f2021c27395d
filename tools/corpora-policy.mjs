/**
 * `npm run corpora:policy`: what was tried on the policy engine, how much held and what escaped, per family. Prints a
 * table on stderr and JSON on stdout; ends with `N passed, N failed`.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSource } from './bench/load-source.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const corpus = join(root, 'platform/policy-engine/corpus');
const read = (...names) => JSON.parse(readFileSync(join(corpus, ...names), 'utf8'));
const say = (text) => process.stderr.write(`${text}\n`);
const { module: engine, remove } = await loadSource({ file: 'platform/policy-engine/src/index.ts' });
remove();

const { policy, facts } = read('developer-policy.json');
const bundleOf = (content) => ({ ...policy, approvalRules: [], ...content });
const starter = (name) => {
  const { name: policyName, ...content } = engine.starterPolicies[name];
  delete content.description;
  return bundleOf({ ...content, policyName });
};

const rows = [];
function measure(family, cases, decide) {
  const row = { family, tried: 0, attacks: 0, held: 0, escaped: 0, benign: 0, passed: 0, unexpected: 0 };
  for (const each of cases) {
    const { decision } = decide(each);
    const hostile = each.kind === 'hostile' || (each.kind === undefined && each.decision !== 'allow');
    const benign = each.kind === 'benign' || (each.kind === undefined && each.decision === 'allow');
    row.tried++;
    if (hostile) row[decision === 'allow' ? 'escaped' : 'held']++;
    if (hostile) row.attacks++;
    if (benign) row.benign++;
    if (benign && decision === 'allow') row.passed++;
    if (decision !== each.decision) row.unexpected++;
  }
  rows.push(row);
}

const command = (bundle, at) => (each) =>
  engine.decide(bundle, { toolName: 'RunCommand', arguments: { command: each.command } }, at);
const first = read('commands.json');
measure(`commands, ${first.policy}`, first.cases, command(starter(first.policy), first.facts));
for (const name of readdirSync(join(corpus, 'commands')).sort()) {
  const { family, cases } = read('commands', name);
  measure(`commands, ${family}`, cases, command(policy, facts));
}
for (const name of readdirSync(join(corpus, 'starters')).sort()) {
  const { family, policy: policyName, facts: at, cases } = read('starters', name);
  measure(`${family}, ${policyName}`, cases, command(starter(policyName), at));
}
const paths = read('paths.json');
measure('paths', paths.cases, ({ platform, path }) =>
  engine.decide(
    bundleOf({ capabilities: paths.capabilities }),
    { toolName: 'ReadFile', arguments: { path } },
    paths.machines[platform] ?? {},
  ),
);
measure('spellings of paths', read('spelling', 'paths.json').cases, ({ platform, path }) =>
  engine.decide(
    bundleOf({ capabilities: paths.capabilities }),
    { toolName: 'ReadFile', arguments: { path } },
    paths.machines[platform] ?? {},
  ),
);
const urls = read('urls.json');
measure('URLs', urls.cases, ({ url }) =>
  engine.decide(
    bundleOf({ capabilities: urls.capabilities }),
    { toolName: 'HttpRequest', arguments: { method: 'GET', url } },
    { dns: urls.dns },
  ),
);
measure('spellings of URLs', read('spelling', 'urls.json').cases, ({ url }) =>
  engine.decide(
    bundleOf({ capabilities: urls.capabilities }),
    { toolName: 'HttpRequest', arguments: { method: 'GET', url } },
    { dns: urls.dns },
  ),
);

const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
const columns = ['tried', 'attacks', 'held', 'escaped', 'benign', 'passed', 'unexpected'];
const total = { family: 'all', ...Object.fromEntries(columns.map((name) => [name, sum(name)])) };
say(`${'family'.padEnd(40)}${columns.map((name) => name.padStart(11)).join('')}`);
for (const row of [...rows, total])
  say(`${row.family.padEnd(40)}${columns.map((name) => String(row[name]).padStart(11)).join('')}`);
const failed = total.escaped + total.unexpected;
console.log(JSON.stringify({ rows, total }));
console.log(`${total.tried - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
