/**
 * Reads diagrams from stdin as a JSON array of strings and parses each with Mermaid itself; prints, in the same order,
 * a JSON array of what is wrong with each, `null` for one that can be drawn. A program of its own, because Mermaid wants
 * the globals of a browser while it loads.
 */
import { text } from 'node:stream/consumers';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('<!doctype html><body></body>');
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import('mermaid');

const problems = [];
for (const diagram of JSON.parse(await text(process.stdin))) {
  try {
    await mermaid.parse(diagram);
    problems.push(null);
  } catch (error) {
    problems.push(error.message);
  }
}
console.log(JSON.stringify(problems));
