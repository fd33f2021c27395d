import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accepts one finding of the rule pack on a construct and everything below it.
 * @param rule with the finding where a rule has several: `AwsSolutions-IAM5[Resource::*]`
 * @param reason a full sentence that says why the finding is right to accept here
 */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: rule, reason });
}
