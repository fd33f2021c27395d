import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { attributesOf } from './attributes.ts';
import type { TenantScope } from './tenant-scope.ts';

/** Under which condition a write happens, as a DynamoDB expression; `absent` and `present` are the usual ones. */
export interface WriteOptions {
  readonly condition?: string;
  readonly names?: Record<string, string>;
  readonly values?: Record<string, unknown>;
}

/** Condition: no such row yet. */
export const absent = 'attribute_not_exists(tenantId)';
/** Condition: the row is there. */
export const present = 'attribute_exists(tenantId)';

/** One write within a tenant, made by a `ScopedTable` and not to be made otherwise. */
export class ScopedWrite {
  readonly #scope: TenantScope;
  readonly #item: TransactWriteItem;

  constructor(scope: TenantScope, item: TransactWriteItem) {
    this.#scope = scope;
    this.#item = item;
  }

  /** As part of a transaction of the same tenant. */
  transactItem(scope: TenantScope): TransactWriteItem {
    if (scope.tenantId !== this.#scope.tenantId) throw new Error('A write of one tenant was given to another.');
    return this.#item;
  }

  /** As a request of its own; typed as one kind, since the client's overloads take no union. */
  command(scope: TenantScope): PutItemCommand {
    const { Put, Update, Delete } = this.transactItem(scope);
    if (Put !== undefined) return new PutItemCommand(Put);
    if (Update !== undefined)
      return new UpdateItemCommand({ ...Update, ReturnValues: 'ALL_NEW' }) as unknown as PutItemCommand;
    if (Delete !== undefined) return new DeleteItemCommand(Delete) as unknown as PutItemCommand;
    throw new Error('A write is a put, an update or a delete.');
  }
}

/** The request's fields of the options. */
export function inputOf({ condition, names, values }: WriteOptions) {
  return {
    ...(condition === undefined ? {} : { ConditionExpression: condition }),
    ...(names === undefined ? {} : { ExpressionAttributeNames: names }),
    ...(values === undefined ? {} : { ExpressionAttributeValues: attributesOf(values) }),
  };
}
