import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The flags with which an image starts Node, so that what is measured is what is deployed: all between the program and its
 * script in the last entry point of `infra/images/Dockerfile`. Throws when there is none. @param root of the repository
 */
export function imageFlags(root: string): string[] {
  const file = join(root, 'infra/images/Dockerfile');
  const entries = [...readFileSync(file, 'utf8').matchAll(/^ENTRYPOINT (\[.*\])$/gm)];
  const entry = entries.at(-1)?.[1];
  if (entry === undefined) throw new Error(`${file} has no entry point in the form of a list.`);
  return (JSON.parse(entry) as string[]).slice(1, -1);
}
