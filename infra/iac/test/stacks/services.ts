import { describe, expect, it } from '@jest/globals';
import { tables } from '@steward/contracts';
import { alarmRules } from '../../src/alarms/alarm-rules.ts';
import { serviceNames } from '../../src/services/service-names.ts';
import { environmentSettings } from '../../src/settings.ts';
import type { EnvironmentName } from '../../src/settings.ts';
import type { Synthesized } from '../support/synthesize.ts';

interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

interface Container {
  readonly Environment: readonly { readonly Name: string; readonly Value: unknown }[];
}

/** What holds for services, network and alarms of an environment. */
export function describeServices(environment: EnvironmentName, synthesized: () => Synthesized): void {
  const propertiesOf = (type: string) =>
    synthesized()
      .ofType(type)
      .map(([, { Properties }]) => Properties);

  describe(`the services of ${environment}`, () => {
    const { tasks, retainData } = environmentSettings[environment];

    it('run without rights on a read-only root, with a health check and secrets by reference only', () => {
      const containers = propertiesOf('AWS::ECS::TaskDefinition').map(
        (task) => (task['ContainerDefinitions'] as Container[])[0],
      );

      expect(containers).toHaveLength(serviceNames.length);
      for (const container of containers) {
        expect(container).toMatchObject({
          User: '10001:10001',
          ReadonlyRootFilesystem: true,
          Privileged: false,
          HealthCheck: { Command: ['CMD', '/usr/local/bin/node', '/app/healthcheck.js'] },
          Secrets: expect.arrayContaining([expect.objectContaining({ Name: 'OIDC_CLIENT_SECRET' })]),
        });
        const plain = container?.Environment.map(({ Name }) => Name).filter((name) =>
          /SECRET|PASSWORD|TOKEN/.test(name),
        );
        expect(plain).toEqual([]);
      }
    });

    it('are deployed with a circuit breaker that rolls back, without public addresses', () => {
      const services = propertiesOf('AWS::ECS::Service');

      expect(services.map(({ ServiceName }) => ServiceName)).toEqual([...serviceNames]);
      for (const service of services) {
        expect(service).toMatchObject({
          DesiredCount: tasks.min,
          EnableExecuteCommand: false,
          DeploymentConfiguration: {
            DeploymentCircuitBreaker: { Enable: true, Rollback: true },
            MinimumHealthyPercent: 100,
          },
          NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'DISABLED' } },
        });
      }
    });

    it('scale between the limits of the environment', () => {
      const targets = propertiesOf('AWS::ApplicationAutoScaling::ScalableTarget');

      expect(targets.map(({ MinCapacity, MaxCapacity }) => [MinCapacity, MaxCapacity])).toEqual(
        serviceNames.map(() => [tasks.min, tasks.max]),
      );
    });

    it('are reached by HTTPS only, with today’s TLS, and by HTTPS again on the way inside', () => {
      const listeners = propertiesOf('AWS::ElasticLoadBalancingV2::Listener');
      const targets = propertiesOf('AWS::ElasticLoadBalancingV2::TargetGroup');

      expect(listeners).toEqual([
        expect.objectContaining({ Port: 443, Protocol: 'HTTPS', SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06' }),
      ]);
      expect(targets.map(({ Protocol, HealthCheckPath }) => [Protocol, HealthCheckPath])).toEqual(
        serviceNames.map(() => ['HTTPS', '/readyz']),
      );
    });

    it('stand behind an entrance that logs, drops broken headers and can’t be deleted by accident in production', () => {
      const [balancer] = propertiesOf('AWS::ElasticLoadBalancingV2::LoadBalancer');

      const attributes = Object.fromEntries(
        (balancer?.['LoadBalancerAttributes'] as { Key: string; Value: unknown }[]).map(({ Key, Value }) => [
          Key,
          Value,
        ]),
      );

      expect(attributes).toMatchObject({
        'access_logs.s3.enabled': 'true',
        'routing.http.drop_invalid_header_fields.enabled': 'true',
        'deletion_protection.enabled': String(retainData),
      });
    });
  });

  describe(`the watch over ${environment}`, () => {
    it('keeps every log for the days of the environment', () => {
      const days = propertiesOf('AWS::Logs::LogGroup').map(({ RetentionInDays }) => RetentionInDays);

      expect(new Set(days)).toEqual(new Set([environmentSettings[environment].logRetentionDays]));
    });

    it('tells somebody about errors, latency, missing tasks, throttles, chains and queues', () => {
      const alarms = propertiesOf('AWS::CloudWatch::Alarm');
      const names = alarms.map(({ AlarmName }) => AlarmName);

      const perService = serviceNames.flatMap((name) =>
        ['errors', 'latency', 'tasks'].map((what) => `${name}-${what}`),
      );
      const logs = alarmRules.logs.map(({ name }) => name);
      const expected = [...perService, ...logs, 'audit-events-throttles'].map(
        (name) => `${environment}-steward-${name}`,
      );
      expect(names).toEqual(expect.arrayContaining(expected));
      for (const alarm of alarms) {
        expect(alarm['AlarmActions']).toEqual([expect.anything()]);
        expect(alarm['AlarmDescription']).toMatch(/ Runbook: infra\/docs\/runbooks\/[a-z-]+\.md$/);
      }
    });

    it('counts what tables and their indexes refuse, under the names that AWS counts it by', () => {
      const throttles = propertiesOf('AWS::CloudWatch::Alarm').filter(({ AlarmName }) =>
        String(AlarmName).endsWith('-throttles'),
      );

      const counted = throttles.map(({ AlarmName, Metrics }) => {
        const stats = (Metrics as { MetricStat?: { Metric: { MetricName: string; Dimensions: Dimension[] } } }[])
          .flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat.Metric]))
          .map(({ MetricName, Dimensions }) => [
            MetricName,
            Dimensions.find(({ Name }) => Name === 'GlobalSecondaryIndexName')?.Value ?? 'table',
          ]);
        return [AlarmName, stats.map((stat) => stat.join(' ')).sort()];
      });

      const expected = tables.tables.map(({ name, gsis }) => [
        `${environment}-steward-${name}-throttles`,
        ['table', ...gsis.map((gsi) => gsi.name)]
          .flatMap((place) => [`ReadThrottleEvents ${place}`, `WriteThrottleEvents ${place}`])
          .sort(),
      ]);
      expect(counted.sort()).toEqual(expected.sort());
    });

    it('encrypts every log with a key of the environment', () => {
      const keys = propertiesOf('AWS::Logs::LogGroup').map(({ KmsKeyId }) => KmsKeyId);

      expect(keys.length).toBeGreaterThan(serviceNames.length);
      for (const key of keys) expect(key).toEqual(expect.anything());
    });

    it('has a budget', () => {
      expect(propertiesOf('AWS::Budgets::Budget')).toEqual([
        expect.objectContaining({
          Budget: expect.objectContaining({
            BudgetLimit: { Amount: environmentSettings[environment].monthlyBudgetUsd, Unit: 'USD' },
          }),
        }),
      ]);
    });
  });
}
