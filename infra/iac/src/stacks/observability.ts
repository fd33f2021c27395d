import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  MathExpression,
  Metric,
  TextWidget,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IMetric, IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { tables } from '@steward/contracts';
import type { Construct } from 'constructs';
import { alarmRules, runbookOf } from '../alarms/alarm-rules.ts';
import type { LogAlarmRule } from '../alarms/alarm-rules.ts';
import type { Deployment } from '../deployment.ts';
import type { ContainerService } from '../services/container-service.ts';
import type { DataStack } from './data.ts';
import type { ServicesStack } from './services.ts';

/** What is watched. */
export interface ObservabilityStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly data: DataStack;
  readonly services: ServicesStack;
}

/** Dashboard, alarms and budget of an environment; all of them tell one topic. */
export class ObservabilityStack extends Stack {
  readonly #props: ObservabilityStackProps;
  readonly #topic: Topic;

  constructor(scope: Construct, id: string, props: ObservabilityStackProps) {
    super(scope, id, props);
    this.#props = props;
    this.#topic = this.#alarmTopic();
    const widgets: IWidget[] = [];
    for (const [name, service] of props.services.services) widgets.push(...this.#watchService(name, service));
    widgets.push(...this.#watchTables(), ...alarmRules.logs.map((rule) => this.#watchLog(rule)));
    this.#dashboard(widgets);
    this.#budget();
  }

  #alarmTopic(): Topic {
    const { environment, operatorEmail, settings } = this.#props.deployment;
    const key = new Key(this, 'AlarmKey', {
      description: `Encrypts alarms of ${environment} on their way`,
      enableKeyRotation: true,
      removalPolicy: settings.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const senders = [new ServicePrincipal('cloudwatch.amazonaws.com'), new ServicePrincipal('budgets.amazonaws.com')];
    for (const sender of senders) key.grant(sender, 'kms:Decrypt', 'kms:GenerateDataKey');
    const topic = new Topic(this, 'Alarms', {
      topicName: `${environment}-steward-alarms`,
      masterKey: key,
      enforceSSL: true,
    });
    for (const principal of senders) {
      topic.addToResourcePolicy(
        new PolicyStatement({
          principals: [principal],
          actions: ['sns:Publish'],
          resources: [topic.topicArn],
          conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
        }),
      );
    }
    topic.addSubscription(new EmailSubscription(operatorEmail));
    return topic;
  }

  #watchService(name: string, { targets, service }: ContainerService): IWidget[] {
    const period = Duration.minutes(5);
    const requests = targets.metrics.requestCount({ period, statistic: 'Sum' });
    const errors = targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period, statistic: 'Sum' });
    const errorPercent = new MathExpression({
      // A single failure among few requests is no rate.
      expression: `IF(requests >= ${alarmRules.service.leastRequests}, 100 * FILL(errors, 0) / requests, 0)`,
      usingMetrics: { requests, errors },
      label: 'errors in percent',
      period,
    });
    const latency = targets.metrics.targetResponseTime({ period, statistic: 'p99', label: 'p99 in seconds' });
    const healthy = targets.metrics.healthyHostCount({ period: Duration.minutes(1), statistic: 'Minimum' });
    this.#alarm(
      `${name}-errors`,
      errorPercent,
      alarmRules.service.errorPercent,
      `More than ${alarmRules.service.errorPercent} % of the requests to ${name} failed.`,
    );
    this.#alarm(
      `${name}-latency`,
      latency,
      alarmRules.service.latencySeconds,
      `The slowest 1 % of the requests to ${name} took longer than ${alarmRules.service.latencySeconds} s.`,
    );
    this.#alarm(`${name}-tasks`, healthy, 1, `No task of ${name} answers.`, {
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      missing: TreatMissingData.BREACHING,
    });
    return [
      new GraphWidget({
        title: `${name}: requests and errors`,
        left: [requests, errors],
        right: [errorPercent],
        width: 8,
      }),
      new GraphWidget({
        title: `${name}: response time`,
        left: [latency, latency.with({ statistic: 'p50', label: 'p50 in seconds' })],
        width: 8,
      }),
      new GraphWidget({
        title: `${name}: tasks`,
        left: [service.metricCpuUtilization(), service.metricMemoryUtilization()],
        right: [healthy],
        width: 8,
      }),
    ];
  }

  /** Requests that a table or one of its indexes refused; AWS counts each place under a name of its own. */
  #watchTables(): IWidget[] {
    const { data } = this.#props;
    const throttles = tables.tables.map(({ name, gsis }, index) => {
      const tableName = data.tables.get(name)?.tableName ?? '';
      const places = [{}, ...gsis.map((gsi) => ({ GlobalSecondaryIndexName: gsi.name }))];
      const metrics = places.flatMap((place) =>
        ['ReadThrottleEvents', 'WriteThrottleEvents'].map(
          (metricName) =>
            new Metric({
              namespace: 'AWS/DynamoDB',
              metricName,
              dimensionsMap: { TableName: tableName, ...place },
              statistic: 'Sum',
              period: Duration.minutes(5),
            }),
        ),
      );
      const ids = metrics.map((_metric, at) => `t${index}m${at}`);
      return new MathExpression({
        expression: ids.map((id) => `FILL(${id}, 0)`).join(' + '),
        usingMetrics: Object.fromEntries(metrics.map((metric, at) => [ids[at] ?? '', metric])),
        label: name,
        period: Duration.minutes(5),
      });
    });
    tables.tables.forEach(({ name }, index) => {
      const metric = throttles[index];
      if (metric !== undefined) {
        this.#alarm(
          `${name}-throttles`,
          metric,
          alarmRules.tables.throttles,
          `The table ${name} refused more than ${alarmRules.tables.throttles} requests in five minutes.`,
        );
      }
    });
    return [new GraphWidget({ title: 'Tables: refused requests', left: throttles, width: 24 })];
  }

  #watchLog(rule: LogAlarmRule): IWidget {
    const { services, deployment } = this.#props;
    const logGroup = services.services.get(rule.service)?.logGroup;
    if (logGroup === undefined) throw new Error(`The alarm ${rule.name} watches ${rule.service}, which is no service.`);
    const metricName = `${deployment.environment}-${rule.name}`;
    new MetricFilter(this, `Filter-${rule.name}`, {
      logGroup,
      metricNamespace: 'Steward',
      metricName,
      filterPattern: FilterPattern.literal(`{ $.event = "${rule.event}" }`),
      metricValue: rule.value,
    });
    const metric = new Metric({
      namespace: 'Steward',
      metricName,
      statistic: rule.statistic,
      period: Duration.minutes(5),
    });
    this.#alarm(rule.name, metric, rule.threshold, rule.sentence, { periods: rule.periods });
    return new GraphWidget({ title: rule.title, left: [metric], width: 12 });
  }

  #alarm(
    name: string,
    metric: IMetric,
    threshold: number,
    sentence: string,
    options: {
      readonly comparison?: ComparisonOperator;
      readonly missing?: TreatMissingData;
      readonly periods?: number;
    } = {},
  ): void {
    const alarm = new Alarm(this, `Alarm-${name}`, {
      alarmName: `${this.#props.deployment.environment}-steward-${name}`,
      alarmDescription: `${sentence} Runbook: ${runbookOf(name)}`,
      metric,
      threshold,
      evaluationPeriods: options.periods ?? 2,
      datapointsToAlarm: options.periods ?? 2,
      comparisonOperator: options.comparison ?? ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: options.missing ?? TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    alarm.addOkAction(new SnsAction(this.#topic));
  }

  #dashboard(widgets: readonly IWidget[]): void {
    const { environment } = this.#props.deployment;
    const dashboard = new Dashboard(this, 'Dashboard', { dashboardName: `${environment}-steward` });
    dashboard.addWidgets(new TextWidget({ markdown: `# Steward, ${environment}`, width: 24, height: 1 }));
    dashboard.addWidgets(...widgets);
  }

  #budget(): void {
    const { environment, settings, operatorEmail } = this.#props.deployment;
    const subscribers = [{ subscriptionType: 'EMAIL', address: operatorEmail }];
    const notification = (notificationType: string, threshold: number) => ({
      notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
      subscribers,
    });
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: `${environment}-steward`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: settings.monthlyBudgetUsd, unit: 'USD' },
        costFilters: { TagKeyValue: [`user:steward-environment$${environment}`] },
      },
      notificationsWithSubscribers: [notification('ACTUAL', 80), notification('FORECASTED', 100)],
    });
  }
}
