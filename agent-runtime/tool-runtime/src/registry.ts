import { builtInTools, type ToolDescriptor } from '@steward/contracts';
import type { Validation } from '@steward/tool-port';
import type { Sandbox } from './sandbox/sandbox.ts';
import { deleteFile, editFile, writeFile } from './tools/change-file.ts';
import { findFiles } from './tools/find-files.ts';
import { httpRequest } from './tools/http-request.ts';
import { listDirectory } from './tools/list-directory.ts';
import { readFile } from './tools/read-file.ts';
import { createRunCommand } from './tools/run-command.ts';
import { searchText } from './tools/search-text.ts';
import type { Tool } from './tools/tool.ts';
import { uploadArtifact } from './tools/upload-artifact.ts';
import type { BackendToolset } from './backend/backend-toolset.ts';
import type { RemoteTools } from './mcp/remote-tools.ts';
import { validateArguments } from './validate.ts';

/** The tools by name: those of the contracts in their order, then the remote ones. */
export interface Registry {
  readonly descriptors: readonly ToolDescriptor[];
  find(toolName: string): Tool | undefined;
  validate(toolName: string, args: unknown): Validation;
}

/** Puts the implementations to the descriptors of the contracts; a descriptor without one is not offered. */
export function createRegistry(sandbox: Sandbox, remote: RemoteTools, backend: BackendToolset): Registry {
  const tools = [
    readFile,
    listDirectory,
    findFiles,
    searchText,
    writeFile,
    editFile,
    deleteFile,
    createRunCommand(sandbox),
    httpRequest,
    uploadArtifact,
  ];
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const builtIn = builtInTools.filter((descriptor) => byName.has(descriptor.name));
  return {
    get descriptors() {
      return [...builtIn, ...remote.descriptors, ...backend.descriptors];
    },
    find: (toolName) => byName.get(toolName) ?? remote.find(toolName) ?? backend.find(toolName),
    validate: (toolName, args) =>
      remote.validate(toolName, args) ?? backend.validate(toolName, args) ?? validateArguments(toolName, args),
  };
}
