/** Puts files that a bundler made in their places, where processes may read the ones from before at the same moment. */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes each file as a whole, so that nobody ever reads half of one or an empty one; a file that has its content
 * already is left alone. Parts come before what imports them: give an entry last, or let `entries` name it.
 * @param {readonly { readonly path: string; readonly contents: Uint8Array }[]} files as esbuild returns them for `write: false`
 * @param {{ readonly entries?: readonly string[] }} [options] absolute paths of what is run, which get in place last
 */
export function writeOutputs(files, { entries = [] } = {}) {
  const isEntry = ({ path }) => entries.includes(path);
  for (const file of [...files.filter((file) => !isEntry(file)), ...files.filter(isEntry)])
    if (!hasContent(file)) writeWhole(file.path, file.contents, isProgram(file) ? 0o755 : 0o644);
}

/**
 * Writes a file under another name and renames it: a reader sees the file from before or this one.
 * @param {string} path
 * @param {string | Uint8Array} content
 * @param {number} [mode] permissions of the file
 */
export function writeWhole(path, content, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  chmodSync(temporary, mode);
  renameSync(temporary, path);
}

/** Whether a shell can run it by its first line. */
function isProgram({ contents }) {
  return contents[0] === 0x23 && contents[1] === 0x21;
}

function hasContent({ path, contents }) {
  try {
    return readFileSync(path).equals(contents);
  } catch {
    return false;
  }
}
