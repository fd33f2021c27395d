import type { McpServer } from '@steward/contracts';
import { canonicalJson, digestOf } from '@steward/sdk';
import type { RemoteToolProblem } from '@steward/tool-port';

/** A tool as its server defines it; every field that a model or a person reads. */
export interface RemoteDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: Record<string, unknown>;
  readonly outputSchema?: Record<string, unknown>;
  readonly annotations?: Record<string, unknown>;
}

const pinnedFields = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;
const usableName = /^[A-Za-z0-9_.-]{1,128}$/;

/** The digest that a bundle pins: SHA-256 of the canonical JSON of the definition's known fields. */
export function digestOfDefinition(definition: RemoteDefinition): string {
  return digestOf(Object.fromEntries(pinnedFields.map((field) => [field, definition[field]])));
}

/** Why a definition may not be used under the pins of its server; undefined when it may. */
export function pinProblem(server: McpServer, definition: RemoteDefinition): RemoteToolProblem | undefined {
  const { name: serverName } = server;
  if (!usableName.test(definition.name)) {
    return {
      server: serverName,
      reason: 'a tool has a name that is not allowed',
      toolName: definition.name.slice(0, 128),
    };
  }
  const digest = digestOfDefinition(definition);
  const pins = server.toolDigests ?? {};
  const pinned = Object.hasOwn(pins, definition.name) ? pins[definition.name] : undefined;
  const place = { server: serverName, toolName: definition.name, digest };
  if (pinned === undefined) return { ...place, reason: 'the policy does not pin its definition, so it is not offered' };
  if (pinned === digest) return undefined;
  return { ...place, reason: `its definition changed: the policy pins ${pinned}, the server now gives ${digest}` };
}

/** Names of the fields in which two definitions differ. */
export function changedFields(before: RemoteDefinition, after: RemoteDefinition): string[] {
  return pinnedFields.filter((field) => canonicalJson(before[field]) !== canonicalJson(after[field]));
}
