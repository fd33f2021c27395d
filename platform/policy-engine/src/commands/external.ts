import type { SimpleCommand } from './report.ts';

/** Words after the program with which it only fetches or looks. */
const fetching = new Set(
  (
    'fetch pull clone ls-remote install ci i in add remove view info show v outdated audit search download update upgrade ' +
    'up get list ls mod init status diff log logs describe explain version help ping whois checks watch tree vendor run ' +
    'test build compose images ps inspect top events template lint doctor fund why exec dlx x'
  ).split(' '),
);
const looking = new Set(['ping', 'dig', 'nslookup', 'host', 'traceroute', 'whois', 'npx', 'bunx', 'uvx', 'pipx']);

/**
 * Whether a command changes something beyond this machine, as far as its words tell: it publishes, pushes, uploads, or
 * works on another machine. What reaches the network and is not known to fetch or look only counts as a write.
 */
export function writesOutside(simple: SimpleCommand): boolean {
  if (!simple.network) return false;
  const [program, ...words] = simple.tokens.map((token) => token.value);
  const name = program?.split('/').at(-1) ?? '';
  if (looking.has(name)) return false;
  if (name === 'curl' || name === 'wget') return simple.problems.length > 0;
  const verbs = words.filter((word) => !word.startsWith('-')).slice(0, 2);
  if (simple.problems.some((problem) => problem.liftedByWords !== undefined)) return true;
  return !verbs.some((verb) => fetching.has(verb));
}
