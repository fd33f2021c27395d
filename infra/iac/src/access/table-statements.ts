import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ServiceAccess } from './access.ts';

/** ARN of a table by its name without the environment. */
export type TableArns = ReadonlyMap<string, string>;

/** One statement per table and per index, with exact names; throws for a table that is not in the contracts. */
export function tableStatements(access: ServiceAccess, arns: TableArns): PolicyStatement[] {
  return Object.entries(access.tables).flatMap(([name, { table, indexes = {} }]) => {
    const arn = arns.get(name);
    if (arn === undefined)
      throw new Error(`The access data name the table ${name}, which the contracts do not define.`);
    return [
      statement(table, arn),
      ...Object.entries(indexes).map(([index, actions]) => statement(actions, `${arn}/index/${index}`)),
    ];
  });
}

function statement(actions: readonly string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions: actions.map((action) => `dynamodb:${action}`), resources: [resource] });
}
