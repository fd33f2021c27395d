import type { ServerResponse } from 'node:http';

/** The media type of answers. */
export const jsonType = 'application/json; charset=utf-8';

/** Answers with JSON and ends the response; the body of a HEAD request is left out by the server. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendJsonText(response, status, JSON.stringify(body));
}

/** The same with text that is JSON already. */
export function sendJsonText(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', jsonType);
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}
