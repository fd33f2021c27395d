/**
 * A proxy before a DynamoDB endpoint that writes down which actions were asked of which table and index, as the names
 * that permissions have: a transaction counts as the writes in it.
 */
import { createServer, request } from 'node:http';

const PARTS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};

/** Starts the proxy on a free port of loopback. `recorded` answers sorted lines `{table} {index or -} {action}`. */
export async function startRecorder(endpoint) {
  const seen = new Set();
  const server = createServer((incoming, outgoing) => {
    const pieces = [];
    incoming.on('data', (piece) => pieces.push(piece));
    incoming.on('end', () => {
      const body = Buffer.concat(pieces);
      for (const line of actionsOf(incoming.headers['x-amz-target'], body)) seen.add(line);
      const forwarded = request(endpoint, { method: incoming.method, path: incoming.url, headers: incoming.headers });
      forwarded.on('response', (answer) => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      });
      forwarded.on('error', () => outgoing.destroy());
      forwarded.end(body);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    recorded: () => [...seen].sort(),
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

/** What one request needs permission for. */
export function actionsOf(target, body) {
  const action = /\.(\w+)$/.exec(target ?? '')?.[1];
  if (action === undefined) return [];
  const input = JSON.parse(body.toString('utf8'));
  if (input.TransactItems !== undefined) {
    return input.TransactItems.flatMap((item) =>
      Object.entries(item).map(([part, { TableName }]) => `${TableName} - ${PARTS[part] ?? part}`),
    );
  }
  if (input.RequestItems !== undefined) return Object.keys(input.RequestItems).map((table) => `${table} - ${action}`);
  return input.TableName === undefined ? [] : [`${input.TableName} ${input.IndexName ?? '-'} ${action}`];
}
