import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
export type Client = DynamoDBDocumentClient;
