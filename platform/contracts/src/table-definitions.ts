/** One DynamoDB table as data: used by local creation and by the cloud stack alike. */
export interface TableDefinition {
  /** Without the environment prefix: `{env}-{name}` is the table's real name. */
  readonly name: string;
  readonly hashKey: string;
  readonly rangeKey?: string;
  /** DynamoDB type of the range key; `S` when left out. */
  readonly rangeKeyType?: 'S' | 'N';
  readonly gsis: readonly {
    readonly name: string;
    readonly hashKey: string;
    readonly rangeKey?: string;
    readonly rangeKeyType?: 'S' | 'N';
  }[];
  /** Name of the attribute that holds the expiry in epoch seconds. */
  readonly ttl?: string;
}

/** Every table and bucket of the product. */
export interface TableDefinitions {
  readonly tables: readonly TableDefinition[];
  readonly buckets: readonly { readonly name: string }[];
}
