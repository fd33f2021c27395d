const deviceName =
  /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])$/i;
// Control characters are exactly what Windows refuses in names
const forbiddenCharacter = /[<>"|?*\u0000-\u001f]/;

/** Root and segments of a Windows path (`..` still inside), or a sentence part that says why it is refused. */
export function parseWindowsPath(
  path: string,
  base: string | undefined,
): { readonly root: string; readonly segments: readonly string[] } | string {
  const rooted = splitRoot(path.replaceAll('/', '\\'), base);
  if (typeof rooted === 'string') return rooted;
  const segments: string[] = [];
  for (const segment of rooted.rest.split('\\')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') {
      segments.push(segment);
      continue;
    }
    const cleaned = cleanSegment(segment, rooted.verbatim);
    if (cleaned.problem !== undefined) return cleaned.problem;
    segments.push(cleaned.name);
  }
  return { root: rooted.root, segments: [...rooted.before, ...segments] };
}

interface Rooted {
  readonly root: string;
  readonly before: readonly string[];
  readonly rest: string;
  readonly verbatim: boolean;
}

function splitRoot(path: string, base: string | undefined): Rooted | string {
  if (path.startsWith('\\\\?\\') || path.startsWith('\\??\\')) return splitVerbatim(path.slice(4));
  if (path.startsWith('\\\\.\\') || path === '\\\\.' || path === '\\\\?') return 'it names a device';
  if (path.startsWith('\\\\')) return splitShare(path.slice(2), false);
  const drive = /^([a-z]):/i.exec(path)?.[1];
  if (drive !== undefined) {
    if (path[2] !== '\\') return 'it is relative to the current folder of a drive';
    return { root: `${drive.toUpperCase()}:\\`, before: [], rest: path.slice(3), verbatim: false };
  }
  const from = base === undefined ? undefined : parseWindowsPath(base, undefined);
  if (from === undefined || typeof from === 'string') return 'it is relative and no folder is known';
  if (path.startsWith('\\')) return { root: from.root, before: [], rest: path.slice(1), verbatim: false };
  return { root: from.root, before: from.segments, rest: path, verbatim: false };
}

function splitVerbatim(rest: string): Rooted | string {
  if (/^unc\\/i.test(rest)) return splitShare(rest.slice(4), true);
  const drive = /^([a-z]):\\/i.exec(rest)?.[1];
  if (drive === undefined) return 'it names a device or volume';
  return { root: `${drive.toUpperCase()}:\\`, before: [], rest: rest.slice(3), verbatim: true };
}

function splitShare(rest: string, verbatim: boolean): Rooted | string {
  const [server, share, ...others] = rest.split('\\');
  if (!server || !share || server === '.' || server === '?' || share === '..' || server === '..')
    return 'it names no network share';
  for (const part of [server, share]) {
    if (forbiddenCharacter.test(part) || part.includes(':')) return 'it names no network share';
  }
  return { root: `\\\\${server.toLowerCase()}\\${share}\\`, before: [], rest: others.join('\\'), verbatim };
}

function cleanSegment(segment: string, verbatim: boolean): { name: string; problem?: string } {
  const name = stripTrailing(segment);
  if (segment.includes(':')) return { name, problem: 'it names an alternate data stream' };
  if (forbiddenCharacter.test(segment)) return { name, problem: 'it contains a character that Windows does not allow' };
  if (name === '') return { name, problem: 'a part of it consists of dots and spaces only' };
  if (verbatim && name !== segment) return { name, problem: 'a part of it ends in a dot or space' };
  const stem = stripTrailing(name.split('.')[0] ?? '');
  if (deviceName.test(stem)) return { name, problem: 'it names a device' };
  return { name };
}

function stripTrailing(segment: string): string {
  let end = segment.length;
  while (end > 0 && (segment[end - 1] === '.' || segment[end - 1] === ' ')) end--;
  return segment.slice(0, end);
}
