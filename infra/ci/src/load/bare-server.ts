import { readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import express from 'express';
import { freshValueOf } from './bare-plan.ts';
import type { BareCall, BareRoute, BareTurn } from './bare-plan.ts';

const commands = {
  GetItem: GetCommand,
  PutItem: PutCommand,
  UpdateItem: UpdateCommand,
  DeleteItem: DeleteCommand,
  Query: QueryCommand,
  BatchGetItem: BatchGetCommand,
  TransactWriteItems: TransactWriteCommand,
} as unknown as Record<string, new (input: object) => GetCommand>;

/**
 * The measure for the services: an Express handler per route that makes the same calls of the engine, with the SDK's
 * document client as it comes, and answers the same bytes, without identity, validation, limits, traces or logs.
 * Environment: `BARE_ROUTES_FILE`, `HOST`, `PORT`, and the engine's.
 */
function main(): void {
  const routes = JSON.parse(readFileSync(process.env['BARE_ROUTES_FILE'] ?? '', 'utf8')) as BareRoute[];
  const client = DynamoDBDocumentClient.from(new DynamoDBClient());
  const app = express();
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  for (const route of routes) {
    const send = async (turn: BareTurn, call: BareCall, freshValue: string | undefined): Promise<unknown> => {
      const Command = commands[call.name];
      if (Command === undefined) throw new Error(`The bare server knows no ${call.name}.`);
      return client.send(new Command(freshInput(turn, call, freshValue)));
    };
    const path = route.url.split('?')[0] ?? route.url;
    let count = 0;
    app[route.method === 'GET' ? 'get' : 'post'](path, express.json(), async (request, response) => {
      const turn = route.turns[(count += 1) % route.turns.length];
      if (turn === undefined) throw new Error(`Nothing was recorded for ${route.url}.`);
      const freshValue = route.fresh === undefined ? undefined : freshValueOf(request.body, route.fresh);
      for (const group of turn.groups) await Promise.all(group.map((call) => send(turn, call, freshValue)));
      response.status(turn.status).json(turn.body);
    });
  }
  app.listen(Number(process.env['PORT']), process.env['HOST'] ?? '127.0.0.1');
}

function freshInput({ freshValue }: BareTurn, { input }: BareCall, value: string | undefined): object {
  if (freshValue === undefined || value === undefined) return input;
  return replaced(input, freshValue, value) as object;
}

function replaced(value: unknown, from: string, to: string): unknown {
  if (typeof value === 'string') return value.includes(from) ? value.replace(from, to) : value;
  if (Array.isArray(value)) return value.map((member) => replaced(member, from, to));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const name in value) copy[name] = replaced((value as Record<string, unknown>)[name], from, to);
  return copy;
}

main();
