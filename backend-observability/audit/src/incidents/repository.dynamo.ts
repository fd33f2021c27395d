import { GetCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { cancelReasonsOf, isConditionFailed, queryPage, retryContention, tableName } from '@steward/service-kit';
import type { DynamoDeps, Page, PageRequest } from '@steward/service-kit';
import type { Incident, OpeningKey } from './incident.ts';
import type { IncidentRepository, Opening } from './repository.ts';

type Item = Record<string, unknown>;

/** Incidents in the table `{env}-incidents`; an item `opening#<key>` stands beside each that was opened with a key. */
export class DynamoIncidentRepository implements IncidentRepository {
  readonly #deps: DynamoDeps;
  readonly #table: string;

  constructor(deps: DynamoDeps) {
    this.#deps = deps;
    this.#table = tableName(deps.env, 'incidents');
  }

  async open(incident: Incident, opening?: OpeningKey): Promise<Opening> {
    const { tenantId, incidentId, createdAt, updatedAt } = incident;
    const put = (Item: Item) => ({
      Put: { TableName: this.#table, Item, ConditionExpression: 'attribute_not_exists(incidentId)' },
    });
    const openingId = opening && `opening#${opening.key}`;
    const guard = opening && {
      tenantId,
      incidentId: openingId,
      openedIncidentId: incidentId,
      contentDigest: opening.contentDigest,
      createdAt,
      updatedAt,
    };
    const TransactItems = [...(guard === undefined ? [] : [put(guard)]), put({ ...incident })];
    try {
      await retryContention(() => this.#deps.client.send(new TransactWriteCommand({ TransactItems })));
      return { outcome: 'opened' };
    } catch (error) {
      if (openingId === undefined || cancelReasonsOf(error)?.[0] !== 'ConditionalCheckFailed') throw error;
      const existing = await this.#get(tenantId, openingId);
      if (existing === undefined) throw error;
      return {
        outcome: 'exists',
        incidentId: String(existing['openedIncidentId']),
        contentDigest: String(existing['contentDigest']),
      };
    }
  }

  async find(tenantId: string, incidentId: string): Promise<Incident | undefined> {
    const item = await this.#get(tenantId, incidentId);
    return item?.['title'] === undefined ? undefined : (item as unknown as Incident);
  }

  async list(tenantId: string, page: PageRequest): Promise<Page<Incident>> {
    return queryPage<Incident>(
      this.#deps.client,
      {
        TableName: this.#table,
        ConsistentRead: true,
        KeyConditionExpression: 'tenantId = :tenantId AND begins_with(incidentId, :prefix)',
        ExpressionAttributeValues: { ':tenantId': tenantId, ':prefix': 'inc_' },
        ScanIndexForward: false,
      },
      page,
      ({ incidentId }) => ({ tenantId, incidentId }),
    );
  }

  async close(
    tenantId: string,
    incidentId: string,
    closing: { readonly closedBy: string; readonly resolution: string; readonly at: string },
  ): Promise<Incident | undefined> {
    try {
      const { Attributes } = await this.#deps.client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: { tenantId, incidentId },
          UpdateExpression: 'SET #status = :closed, closedBy = :by, resolution = :resolution, updatedAt = :at',
          ConditionExpression: '#status = :open',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':open': 'open',
            ':closed': 'closed',
            ':by': closing.closedBy,
            ':resolution': closing.resolution,
            ':at': closing.at,
          },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return Attributes as Incident | undefined;
    } catch (error) {
      if (isConditionFailed(error)) return undefined;
      throw error;
    }
  }

  async #get(tenantId: string, incidentId: string): Promise<Item | undefined> {
    const Key = { tenantId, incidentId };
    return (await this.#deps.client.send(new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }))).Item;
  }
}
