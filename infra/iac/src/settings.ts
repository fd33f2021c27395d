/** Environments that can be deployed. The name is the first part of every table's and bucket's name. */
export const environmentNames = ['dev', 'staging', 'prod'] as const;

/** Name of one environment. */
export type EnvironmentName = (typeof environmentNames)[number];

/** What differs between environments; everything else is the same in all of them. */
export interface EnvironmentSettings {
  /** Data, keys and logs outlive their stack, and tables and the load balancer refuse deletion. */
  readonly retainData: boolean;
  /** Letters of the availability zones behind the region's name. */
  readonly zones: readonly string[];
  /** One per zone keeps a zone's failure from cutting the others off. */
  readonly natGateways: number;
  /** Private addresses for the AWS services that tasks call beside DynamoDB and S3. */
  readonly interfaceEndpoints: boolean;
  /** Per service: CPU units (1024 are one core), MiB, and how many tasks run. */
  readonly tasks: { readonly cpu: number; readonly memoryMiB: number; readonly min: number; readonly max: number };
  readonly logRetentionDays: number;
  /** Days for which a replaced or deleted object can still be restored. */
  readonly objectVersionDays: number;
  /** Monthly budget in US dollars; an alarm is sent at 80 % and when the forecast passes it. */
  readonly monthlyBudgetUsd: number;
}

/** The settings of every environment. */
export const environmentSettings: Readonly<Record<EnvironmentName, EnvironmentSettings>> = {
  dev: {
    retainData: false,
    zones: ['a', 'b'],
    natGateways: 1,
    interfaceEndpoints: false,
    tasks: { cpu: 256, memoryMiB: 1024, min: 1, max: 2 },
    logRetentionDays: 14,
    objectVersionDays: 7,
    monthlyBudgetUsd: 300,
  },
  staging: {
    retainData: false,
    zones: ['a', 'b'],
    natGateways: 2,
    interfaceEndpoints: false,
    tasks: { cpu: 512, memoryMiB: 1024, min: 2, max: 4 },
    logRetentionDays: 30,
    objectVersionDays: 30,
    monthlyBudgetUsd: 700,
  },
  prod: {
    retainData: true,
    zones: ['a', 'b', 'c'],
    natGateways: 3,
    interfaceEndpoints: true,
    tasks: { cpu: 1024, memoryMiB: 2048, min: 3, max: 24 },
    logRetentionDays: 365,
    objectVersionDays: 30,
    monthlyBudgetUsd: 3000,
  },
};
