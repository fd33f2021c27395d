/** An OpenAI-compatible model that asks for the same tool call again and again, and notes when it was asked. */
import { createServer } from 'node:http';

/**
 * Starts on a free port. `arm({ tool, args, steps })` begins a run; `run()` gives its times in milliseconds. With
 * `at(step)` the run chooses `{ tool, args }` of each step itself, and the answer waits for it.
 */
export async function startScriptedModel() {
  let script = { tool: 'ReadFile', args: {}, steps: 0 };
  let asked = [];
  let answered = [];
  let firstRequest;
  let firstSeen;

  const server = createServer((request, response) => {
    const arrived = performance.now();
    let size = 0;
    request.on('data', (chunk) => (size += chunk.length));
    request.on('end', async () => {
      if (request.url?.endsWith('/models')) {
        response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ object: 'list', data: [{ id: 'steward-demo', object: 'model' }] }));
        return;
      }
      asked.push(arrived);
      firstSeen?.(arrived);
      firstRequest ??= arrived;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const step = asked.length;
      const chunk = (delta, finish_reason = null) =>
        response.write(
          `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'steward-demo', choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
        );
      if (step <= script.steps) {
        const { tool, args } = (await script.at?.(step)) ?? script;
        chunk({
          role: 'assistant',
          tool_calls: [{ index: 0, id: `call_${step}`, type: 'function', function: { name: tool, arguments: '' } }],
        });
        chunk({ tool_calls: [{ index: 0, function: { arguments: JSON.stringify(args) } }] });
        chunk({}, 'tool_calls');
      } else {
        chunk({ role: 'assistant', content: 'Done.' });
        chunk({}, 'stop');
      }
      response.write(
        `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', choices: [], usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 } })}\n\n`,
      );
      response.end('data: [DONE]\n\n', () => answered.push(performance.now()));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${server.address().port}/v1`,
    arm(next) {
      script = next;
      asked = [];
      answered = [];
      firstRequest = undefined;
      return new Promise((resolve) => (firstSeen = resolve));
    },
    /** Overhead of step n: last byte of answer n to arrival of request n + 1. */
    run: () => ({ firstRequest, overheads: answered.slice(0, -1).map((at, index) => asked[index + 1] - at) }),
    close: () => server.close(),
  };
}
