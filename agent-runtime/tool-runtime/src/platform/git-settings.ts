import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Settings that a repository can carry and that name programs to run or change where git looks for them, with values
 * that run nothing (git-config, gitattributes). The environment outranks the repository.
 */
const inert: readonly (readonly [key: string, value: string])[] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.pager', 'cat'],
  ['core.editor', 'true'],
  ['sequence.editor', 'true'],
  ['core.sshCommand', 'ssh'],
  ['core.gitProxy', ''],
  ['core.askPass', ''],
  ['core.alternateRefsCommand', ''],
  ['core.attributesFile', '/dev/null'],
  ['credential.helper', ''],
  ['interactive.diffFilter', 'cat'],
  ['uploadpack.packObjectsHook', ''],
  ['gpg.program', 'false'],
  ['gpg.ssh.program', 'false'],
  ['gpg.ssh.defaultKeyCommand', ''],
  ['commit.gpgSign', 'false'],
  ['tag.gpgSign', 'false'],
  ['log.showSignature', 'false'],
  ['protocol.ext.allow', 'never'],
  ['protocol.file.allow', 'user'],
  ['submodule.recurse', 'false'],
];

/** An external diff can't be taken away by an empty value, so git's own takes its place (gitdiff: "$2" old, "$5" new). */
const plainDiff = 'plain() { git diff --no-index --no-ext-diff --no-textconv -- "$2" "$5" || true; }; plain';

/** Drivers that a repository names itself, by the end of their key. */
const driverValues: readonly (readonly [pattern: RegExp, value: string])[] = [
  [/^filter\..+\.(?:clean|smudge|process)$/i, ''],
  [/^filter\..+\.required$/i, 'false'],
  [/^diff\..+\.textconv$/i, 'cat'],
  [/^diff\.(?:external|.+\.command)$/i, plainDiff],
  [/^merge\..+\.driver$/i, 'false'],
  [/^pager\./i, 'cat'],
  [/^remote\..+\.(?:vcs|uploadpack|receivepack|proxy)$/i, ''],
  [/^(?:difftool|mergetool)\..+\.cmd$/i, 'false'],
  [/^credential\..+\.helper$/i, ''],
];

const mayNameDrivers = /filter|diff|merge|include|pager|remote|credential|tool/i;

/** The variables that make a repository's own settings inert. @param keys names of settings that the repository has */
export function gitVariables(keys: readonly string[]): Record<string, string> {
  const settings = [
    ...inert,
    ...keys.flatMap((key) => {
      const known = driverValues.find(([pattern]) => pattern.test(key));
      return known === undefined ? [] : [[key, known[1]] as const];
    }),
  ];
  return {
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  };
}

/** Names of the settings of the repository in a folder, with those it includes; nothing of it is obeyed. */
export function repositoryKeys(folder: string, searchPath: string | undefined): string[] {
  const file = path.join(folder, '.git', 'config');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  if (!mayNameDrivers.test(text)) return [];
  const listed = spawnSync('git', ['config', '--file', file, '--includes', '--name-only', '--list', '-z'], {
    cwd: '/',
    env: { PATH: searchPath ?? '/usr/bin:/bin', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    encoding: 'utf8',
    timeout: 2_000,
    maxBuffer: 1024 * 1024,
  });
  return [...new Set((listed.stdout ?? '').split('\0').filter((key) => key !== ''))].slice(0, 500);
}
