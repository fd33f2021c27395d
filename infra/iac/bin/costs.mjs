/**
 * `node infra/iac/bin/costs.mjs`: the monthly cost of production for three numbers of users, as the Markdown table of
 * infra/docs/costs.md. Prices and usage are the data below; everything else is arithmetic.
 */

/** US dollars, on demand, Frankfurt (eu-central-1), from the public price pages as known in November 2026; verify yours. */
export const prices = {
  fargateVcpuHourArm: 0.03725,
  fargateGbHourArm: 0.00409,
  loadBalancerHour: 0.027,
  loadBalancerUnitHour: 0.008,
  natHour: 0.052,
  natGb: 0.052,
  endpointHour: 0.012,
  dynamoWriteMillion: 0.7625,
  dynamoReadMillion: 0.1525,
  dynamoGbMonth: 0.306,
  dynamoRecoveryGbMonth: 0.2448,
  s3GbMonth: 0.0245,
  s3PutThousand: 0.0054,
  s3GetThousand: 0.00043,
  logGb: 0.63,
  kmsKey: 1,
  secret: 0.4,
  alarm: 0.1,
  dashboard: 3,
  transferGb: 0.09,
};

/** What one active user does on one working day, and how long it is kept. */
export const usage = {
  workingDays: 21,
  conversationsPerDay: 4,
  /** Session, tasks, steps, events, approvals and their indexes, in write units of 1 KB. */
  writesPerConversation: 260,
  /** In read units, half of them eventually consistent. */
  readsPerConversation: 180,
  /** Rows that stay, with indexes. */
  tableKbPerConversation: 150,
  /** History and tool outputs. */
  contentKbPerConversation: 400,
  contentPutsPerConversation: 6,
  contentGetsPerConversation: 4,
  logKbPerConversation: 60,
  transferKbPerConversation: 600,
  keptMonths: 3,
  /** Tasks of each service beyond the three that always run. */
  requestsPerConversation: 120,
  /** Requests that one task answers in a second at 55 % of its processor. */
  requestsPerSecondPerTask: 60,
  /** The busiest hour has this part of a day's requests. */
  busiestHour: 0.2,
};

const HOURS = 730;
const SERVICES = 7;

/** Dollars per month by kind, for a number of active users. */
export function monthlyCost(users) {
  const conversations = users * usage.conversationsPerDay * usage.workingDays;
  const gb = (kb, months = 1) => (conversations * kb * months) / 1024 / 1024;
  const perDay = users * usage.conversationsPerDay * usage.requestsPerConversation;
  const peak = (perDay * usage.busiestHour) / 3600;
  const busyTasks = Math.ceil(peak / usage.requestsPerSecondPerTask);
  const tasks = SERVICES * 3 + Math.max(0, busyTasks - SERVICES * 3);
  const traffic = gb(usage.transferKbPerConversation);
  return {
    Containers: tasks * HOURS * (prices.fargateVcpuHourArm + 2 * prices.fargateGbHourArm),
    Network:
      HOURS * (prices.loadBalancerHour + 3 * prices.natHour + 15 * prices.endpointHour) +
      HOURS * Math.max(1, peak / 25) * prices.loadBalancerUnitHour +
      traffic * (prices.transferGb + prices.natGb),
    Tables:
      (conversations * usage.writesPerConversation * prices.dynamoWriteMillion) / 1e6 +
      (conversations * usage.readsPerConversation * 0.75 * prices.dynamoReadMillion) / 1e6 +
      gb(usage.tableKbPerConversation, usage.keptMonths) * (prices.dynamoGbMonth + prices.dynamoRecoveryGbMonth),
    Contents:
      gb(usage.contentKbPerConversation, usage.keptMonths) * prices.s3GbMonth +
      (conversations * usage.contentPutsPerConversation * prices.s3PutThousand) / 1000 +
      (conversations * usage.contentGetsPerConversation * prices.s3GetThousand) / 1000,
    'Logs, alarms, keys':
      gb(usage.logKbPerConversation) * prices.logGb +
      33 * prices.alarm +
      prices.dashboard +
      5 * prices.kmsKey +
      9 * prices.secret,
  };
}

/** The table of the document. */
export function costTable(counts = [10, 1000, 100_000]) {
  const columns = counts.map(monthlyCost);
  const row = (name, values) => `| ${name} | ${values.map((value) => dollars(value)).join(' | ')} |`;
  const totals = columns.map((column) => Object.values(column).reduce((sum, value) => sum + value, 0));
  return [
    `| US dollars a month | ${counts.map((count) => `${count.toLocaleString('en-US')} users`).join(' | ')} |`,
    `| --- | ${counts.map(() => '---:').join(' | ')} |`,
    ...Object.keys(columns[0]).map((name) =>
      row(
        name,
        columns.map((column) => column[name]),
      ),
    ),
    row('Together', totals),
    row(
      'Per user',
      totals.map((total, index) => total / counts[index]),
    ),
  ].join('\n');
}

function dollars(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
}

if (process.argv[1]?.endsWith('costs.mjs')) console.log(costTable());
