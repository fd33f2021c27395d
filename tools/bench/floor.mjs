/** The floor: a bare loop behind JSON-RPC on stdio. No policy, journal, events or checks. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { createInterface } from 'node:readline';

const endpoint = new URL(`${process.env.LLM_GATEWAY_ENDPOINT}/chat/completions`);
const agent = new Agent({ keepAlive: true });
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

function ask(messages) {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      endpoint,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        const message = { role: 'assistant', content: '', tool_calls: [] };
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
          for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
            const data = text.slice(6, end);
            text = text.slice(end + 2);
            if (data === '[DONE]') continue;
            const delta = JSON.parse(data).choices[0]?.delta;
            if (delta?.content) message.content += delta.content;
            for (const call of delta?.tool_calls ?? []) {
              const known = (message.tool_calls[call.index] ??= {
                id: call.id,
                type: 'function',
                function: { name: '', arguments: '' },
              });
              known.function.name += call.function.name ?? '';
              known.function.arguments += call.function.arguments ?? '';
            }
          }
        });
        response.on('end', () => resolve(message));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(JSON.stringify({ model: 'x', stream: true, messages }));
  });
}

const run = (command, cwd) =>
  new Promise((resolve) => execFile('/bin/sh', ['-c', command], { cwd }, (_error, stdout) => resolve(stdout)));

async function loop({ prompt, cwd }) {
  const messages = [{ role: 'user', content: prompt }];
  for (;;) {
    const message = await ask(messages);
    messages.push(message);
    if (message.tool_calls.length === 0) return;
    for (const call of message.tool_calls) {
      const args = JSON.parse(call.function.arguments);
      const content =
        call.function.name === 'ReadFile'
          ? await readFile(`${cwd}/${args.path}`, 'utf8')
          : await run(args.command, cwd);
      messages.push({ role: 'tool', tool_call_id: call.id, content });
    }
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'StartTask')
    void loop(params).then(() => send({ method: 'SessionEvent', params: { eventType: 'task_completed' } }));
  if (id !== undefined) send({ id, result: {} });
});
