import { say } from '../job.ts';
import type { AssistantTurn } from '../job.ts';

/** The answer to everything that no job covers: what the demo model is and what it can do. */
export function introduce(): AssistantTurn {
  return say(`I am the demo model: a small script that answers without the internet, so that you can see how Steward works before you connect a real model. In this folder I can really do these things:

- **Explain** a file or the project: “explain src/math.js”, “explain what this project does”
- **Rename a function** everywhere and run the tests: “rename add to sum and run the tests”
- **Write a module with a test**: “write a module slugify with a test”
- **Look around**: “what is in this folder”, “search for add”
- **Run a command**: “run npm test”
- **Change one thing**: “delete notes.txt”, “write "hello" to notes.txt”

Everything I do goes through the same policy, approvals and records as the work of a real model. To use one, set \`LLM_GATEWAY_ENDPOINT\` and \`LLM_GATEWAY_AUTH_TOKEN\` before you start Steward.`);
}
