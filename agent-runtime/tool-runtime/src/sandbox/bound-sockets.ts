/**
 * Sockets of other programs that have a name in the file system, from the text of `/proc/net/unix`. A read-only folder
 * does not keep anybody from connecting to a socket in it, so each is covered before a command starts.
 */
export function boundSockets(table: string): string[] {
  const found = new Set<string>();
  for (const line of table.split('\n').slice(1)) {
    // Seven columns, then the name; a name that starts with @ is not in the file system.
    const name = /^(?:\S+\s+){6}\S+ (\/.*)$/.exec(line)?.[1];
    if (name !== undefined) found.add(name);
  }
  return [...found];
}
