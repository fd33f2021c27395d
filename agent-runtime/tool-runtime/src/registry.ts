import { builtInTools, type ToolDescriptor } from '@steward/contracts';
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

/** The tools by name, in the order and with the words of the contracts. */
export interface Registry {
  readonly descriptors: readonly ToolDescriptor[];
  find(toolName: string): Tool | undefined;
}

/** Puts the implementations to the descriptors of the contracts; a descriptor without one is not offered. */
export function createRegistry(sandbox: Sandbox): Registry {
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
  return {
    descriptors: builtInTools.filter((descriptor) => byName.has(descriptor.name)),
    find: (toolName) => byName.get(toolName),
  };
}
