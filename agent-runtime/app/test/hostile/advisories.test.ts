/**
 * The mechanisms behind the known advisories of agents and MCP servers, and the test that each has here. A test that is
 * renamed or removed is missed by this table.
 */
import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..', '..', '..', '..');
const attacks = 'agent-runtime/app/test/hostile/attacks.ts';
const escapes = 'agent-runtime/tool-runtime/test/sandbox/escapes.test.ts';
const races = 'agent-runtime/tool-runtime/test/files/symlink-race.test.ts';
const egress = 'agent-runtime/tool-runtime/test/egress/egress.test.ts';
const requests = 'agent-runtime/tool-runtime/test/egress/http-request.test.ts';
const remote = 'agent-runtime/tool-runtime/test/mcp/remote-tools.test.ts';
const repository = 'agent-runtime/tool-runtime/test/platform/hostile-repository.test.ts';

/** Mechanism, file of the test, words of its title. */
const table: readonly (readonly [mechanism: string, file: string, title: string])[] = [
  ['a path that begins like an allowed one', attacks, 'write by a prefix that looks alike'],
  ['a path that goes up', attacks, 'read upwards out of the project'],
  ['a link in the repository', attacks, 'read by a link in the repository'],
  ['a link made by the agent', attacks, 'plant a link and write through it'],
  ['a hard link', attacks, 'plant a hard link and write through it'],
  [
    'a parent folder swapped between check and use',
    races,
    'never lets WriteFile and DeleteFile touch what lies outside',
  ],
  ['a file swapped between check and use', races, 'never lets EditFile change what lies outside'],
  ['options of allowed programs that run others', attacks, 'run a program by a harmless one'],
  ['settings on the command line of git', attacks, 'run a program by git'],
  ['wrappers around a refused program', attacks, 'run a program by a wrapper'],
  ['substitutions', attacks, 'hide a command in a substitution'],
  ['rules that are skipped on long lists', attacks, 'hide a command in a long list'],
  ['text that can not be parsed', attacks, 'write what can not be parsed'],
  ['an entry of a server that changes after it was approved', remote, 'are blocked when the server changes them later'],
  ['a name that changes its address', egress, 'goes to no other address than the one that was judged'],
  ['a redirect to an inner address', requests, 'judges every redirect again'],
  ['inner addresses in odd spellings', requests, 'refuses private, loopback, link-local and metadata addresses'],
  ['settings files that can be written', escapes, 'make git run a program'],
  ['settings of editors and agents', attacks, 'write settings of editors and agents'],
  ['settings of the repository that name programs', repository, 'runs none of its programs when the agent calls'],
  ['a working folder chosen by the model', attacks, 'choose another working folder'],
  ['temporary names that can be guessed', escapes, 'plant a temporary name that we would use'],
  ['sockets of services on the machine', escapes, 'talk to a socket in the home folder'],
  ['the environment of other processes', escapes, 'read the environment of other processes'],
  ['a proxy as a way inwards', escapes, 'reach a private address behind an allowed name'],
  ['two framings of one body', escapes, 'frame a body in two ways'],
  [
    'words in the description of a remote tool',
    'agent-runtime/app/test/hostile/carriers.ts',
    'description of a remote tool',
  ],
];

describe('A known mechanism', () => {
  it.each(table)('%s: has its test', (_mechanism, file, title) => {
    expect(readFileSync(join(root, file), 'utf8')).toContain(title);
  });
});
