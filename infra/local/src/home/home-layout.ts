import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../stack/start-error.ts';

/** Where everything of one home is. */
export interface HomeLayout {
  readonly root: string;
  /** Files of the running stack: description, lock, ports, process list. */
  readonly run: string;
  readonly logs: string;
  /** Database and content of the services. */
  readonly data: string;
  readonly content: string;
  readonly keys: string;
  readonly identity: string;
  readonly certificates: string;
  readonly stackFile: string;
}

/** The layout below a root folder; touches nothing. */
export function homeLayout(root: string): HomeLayout {
  return {
    root,
    run: join(root, 'run'),
    logs: join(root, 'logs'),
    data: join(root, 'data'),
    content: join(root, 'data', 'content'),
    keys: join(root, 'keys'),
    identity: join(root, 'identity'),
    certificates: join(root, 'certificates'),
    stackFile: join(root, 'run', 'stack.json'),
  };
}

/** Creates the folders, private to their owner; throws {@link StartError} when the home cannot be written. */
export async function prepareHome(root: string): Promise<HomeLayout> {
  const layout = homeLayout(root);
  const { run, logs, data, content, keys, identity, certificates } = layout;
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const probe = join(root, `.probe-${randomBytes(4).toString('hex')}`);
    await writeFile(probe, '');
    await rm(probe);
    for (const folder of [run, logs, data, content, keys, identity, certificates]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await chmod(folder, 0o700);
    }
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new StartError(
      `The home folder ${root} cannot be written (${reason}). Choose another one with --home DIR or STEWARD_HOME.`,
    );
  }
  return layout;
}
