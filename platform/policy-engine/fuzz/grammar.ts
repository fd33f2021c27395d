import type { Random } from './random.ts';

const inside = [
  'a.txt',
  'b.txt',
  'src/x.ts',
  './a.txt',
  'sub',
  'src',
  '.',
  'sub/c.txt',
  'out.txt',
  'new/d.txt',
  '*.txt',
  'src/*.ts',
  '"a.txt"',
  "'b.txt'",
  'list.txt',
  'script.sh',
  '{a,b}.txt',
  'src/{x,y}.ts',
  '?.txt',
  '[ab].txt',
];
const forbidden = [
  '/outside/secret',
  '/outside/target',
  '../other',
  'up/other',
  'etc/secret',
  'key',
  './key',
  'src/../../other',
  '/work/app/../other',
  '~/.ssh/id_rsa',
  '$HOME/.ssh/id_rsa',
  '"$HOME/.ssh/id_rsa"',
  '${HOME}/.bashrc',
  'secrets/token',
  './secrets/token',
  'secrets',
  'secrets/*',
  'secr*/token',
  '*/token',
  's*',
  '/outside/*',
  '/out*/secret',
  '{a.txt,/outside/secret}',
  '/outside/{secret,target}',
  '../o*',
  'up/*',
  '~alice/.bashrc',
  '"../other"',
  "'/outside/secret'",
  '/outside/sec""ret',
  '/outsid\\e/secret',
  "$'/outside/secret'",
  '.git/config',
  '.git/hooks/pre-commit',
  '/work/app/.git/config',
  'sub/../.git/config',
  '$PWD/../other',
  '"$(pwd)/../other"',
  '../app/secrets/token',
  'etc/../work/other',
  'up/app/secrets/token',
  '/proc/self/root/outside/secret',
  '/proc/self/cwd/secrets/token',
  '/dev/fd/../../outside/secret',
  '//outside//secret',
  '/./outside/secret',
  '/outside/./secret',
  'etc/',
  'etc/target',
  'up/app/../other',
  '~/x',
  '~/',
  '/tmp/x',
  '*/*',
  '*/*.txt',
  's*/*',
  '[s]ecrets/token',
  '??????s/token',
  '.g*/config',
  '.?it/config',
];
const traps = [
  'evil',
  'sudo',
  'curl x',
  'perl x',
  'python3 a.py',
  'node a.js',
  'ln -s a b',
  'chmod +x a.txt',
  'dd if=a.txt',
  'vim a.txt',
  'wget x',
  'base64 a.txt',
  'id',
];

/** One command text; everything comes from the given source of choices. */
export function generate(random: Random): string {
  return hide(list(random, 3), random);
}

function file(random: Random): string {
  return random.oneIn(4) ? random.pick(forbidden) : random.pick(inside);
}

function program(random: Random): string {
  return random.oneIn(6) ? obscure(random.pick(traps), random) : simple(random);
}

function simple(random: Random): string {
  const at = (): string => file(random);
  return random.pick<() => string>([
    () => `cat ${at()}`,
    () => `cat ${at()} ${at()}`,
    () => `head -n ${random.int(3)} ${at()}`,
    () => `tail -n1 -- ${at()}`,
    () => `wc -l ${at()}`,
    () => `grep -r ${random.pick(['a', 'CANARY', '.', '-f', '--file='])} ${at()}`,
    () => `grep ${random.pick(['-f', '-n', '-rl', '-e a', '--include=*.txt', '--exclude-from='])} ${at()} ${at()}`,
    () =>
      `sort ${random.pick(['', '-o ', '--output=', '-T ', '-u ', '--compress-program=evil -S1 ', '--files0-from='])}${at()} ${random.oneIn(2) ? at() : ''}`,
    () => `uniq ${at()} ${at()}`,
    () =>
      `cp ${random.pick(['', '-r', '-t', '-a', '--target-directory=', '-f', '-l', '-s', '--backup', '-P'])} ${at()} ${at()}`,
    () => `mv ${random.pick(['', '-t', '-f', '-n', '-T'])} ${at()} ${at()}`,
    () => `rm ${random.pick(['', '-r', '-rf', '-f', '-d', '--recursive'])} ${at()}`,
    () => `mkdir ${random.pick(['', '-p', '-m 700', '-vp'])} ${at()}`,
    () => `touch ${random.pick(['', '-r a.txt', '-d now', '-c'])} ${at()}`,
    () => `tee ${random.pick(['', '-a'])} ${at()}`,
    () => `ls ${random.pick(['', '-la', '-R', '-d'])} ${at()}`,
    () => `find ${at()} ${findTail(random)}`,
    () =>
      `sed ${random.pick(['-n', '-i', '-e', '-s', '-E', '-i.bak', '--in-place', '-z', '-ne', '-n -e', '-f'])} ${sedScript(random)} ${at()}`,
    () => `awk ${awkProgram(random)} ${at()}`,
    () =>
      `diff ${random.pick(['', '-u', '-r', '<(cat a.txt)', `<(${inner(random)})`])} ${at()} ${random.oneIn(2) ? at() : ''}`,
    () =>
      `echo ${random.pick(['hi', '$x', '"$(pwd)"', `$(${inner(random)})`, `"\`${inner(random)}\`"`, '$((1+1))', '${x:-y}', `\${x:-$(${inner(random)})}`, '${#x}', '-e "\\x41"', `"$(<${at()})"`])}`,
    () => `printf ${random.pick(['%s', '"%s\\n"', '-v x', "-v 'a[$(evil)]'", '%d'])} ${at()}`,
    () =>
      `xargs ${random.pick(['', '-n1', '-I{}', '-0', '-a list.txt', `-a ${at()}`, '-P2 -n1', '-d,', '-t', '-r'])} ${random.pick(['echo', 'cat', 'rm', 'evil', 'sh -c', 'env', 'cat {}', 'bash', 'grep a', 'sudo', 'wc -l', 'ls', 'head -n1', '{}', 'tee'])} < ${random.pick(['list.txt', 'evil.txt', 'a.txt', at()])}`,
    () =>
      `env ${random.pick(['', '-i', 'A=1', 'x=1', '-S', '-u A', 'PATH=/trap', '--', '-C /outside', 'BASH_ENV=script.sh', 'LC_ALL=C', '-0', '--chdir=/outside', '-vS', "-S'evil'"])} ${inner(random)}`,
    () =>
      `timeout ${random.pick(['1', '-k 1 1', '--signal=TERM 1', '--', '-s KILL 1', '--foreground 1', '1s'])} ${inner(random)}`,
    () => `nice ${random.pick(['', '-n 1', '-5', '--adjustment=1', '--'])} ${inner(random)}`,
    () => `nohup ${inner(random)}`,
    () =>
      `${random.pick(['bash', 'sh'])} ${random.pick(['-c', '-ec', '-lc', '-c --', '-xc', '-cx', '--norc -c', '+x -c', '-o errexit -c', '-O extglob -c', '-s', '-i -c'])} ${quote(inner(random), random)}`,
    () => `bash ${at()}`,
    () => `eval ${random.oneIn(2) ? inner(random) : quote(inner(random), random)}`,
    () => `command ${random.pick(['', '-p', '--', '-v', '-pv'])} ${inner(random)}`,
    () => `exec ${random.pick(['', '-a x', '-c', '-l'])} ${inner(random)}`,
    () => `builtin ${inner(random)}`,
    () => `trap ${quote(inner(random), random)} ${random.pick(['EXIT', 'DEBUG', 'ERR', '0', 'RETURN'])}`,
    () => `cd ${at()}`,
    () =>
      `cd ${random.pick(['sub', 'src', '..', '/', '~', '-', '', 'etc', 'up', '/outside', 'sub/..', '"$x"', '-P up', 'new'])} && ${inner(random)}`,
    () =>
      `${random.pick(['x', 'y', 'A', 'f', 'FOO', 'IFS', 'PATH', 'HOME', 'CDPATH', 'x[0]'])}=${random.pick(['evil', '/outside/secret', 'a.txt', '"$(evil)"', '$x', '..', '/trap', '', 'cat', '$y', '"a b"', '*', '~/.ssh/id_rsa'])}`,
    () => `${random.pick(['$x', '"$x"', '${x}', '$x$y', '"${x}"', '$A', '${x:-cat}', '$@', '"$@"'])} ${at()}`,
    () =>
      `cat ${random.pick(['$x', '"$x"', '"$f"', '$f', '"${x}"', '${x}', '$x/a.txt', '"$x/secret"', '../$x', '"$y"', '${x%t}', '${!x}', '${x/a/b}', '"${f}"', '$A', '"$HOME/$x"'])}`,
    () => `rm -f ${random.pick(['$x', '"$x"', '"$f"', '${x}', '$x/target', '"$y"'])}`,
    () => `read ${random.pick(['x', '-r x', 'x y', '-a x', '-p q x', '-d , x', "'a[$(evil)]'"])} < ${at()}`,
    () =>
      `tar ${random.pick(['cf', '-cf', 'xf', 'tf', '-xf', 'cfz', 'cPf', '--create --file'])} ${random.pick(['o.tar', at()])} ${random.pick(['', at(), `-C ${at()} .`, '--to-command=evil', '--checkpoint=1 --checkpoint-action=exec=evil', '-I evil', '--use-compress-program=evil', '--remove-files'])}`,
    () => `split ${random.pick(['', '-l 1', '--filter=evil', "--filter='cat'", '-n 1'])} ${at()} ${at()}`,
    () =>
      `git ${random.pick(['status', 'log', 'diff', '-c core.pager=evil log', '-c core.fsmonitor=evil status', '-C .. status', `diff --no-index a.txt ${at()}`, `hash-object ${at()}`, '--exec-path=/trap status', '-c alias.z=!evil z', 'config --list', `config -f ${at()} a.b c`, 'config core.fsmonitor evil', 'grep -Oevil a', `init ${at()}`, 'add a.txt', `add ${at()}`, '-c color.ui=never status', '--git-dir=/outside status', `archive -o ${at()} HEAD`, 'ls-files', 'branch -a', `mv a.txt ${at()}`, 'rev-parse --show-toplevel', `check-ignore -v ${at()}`, `--no-pager diff --no-index ${at()} b.txt`, 'bisect run evil', 'submodule foreach evil', 'rebase --exec evil HEAD', `cat-file --batch < ${at()}`, `apply ${at()}`, `stash list`, `-p log`, 'help -a', `blame --contents ${at()} a.txt`, `shortlog < ${at()}`, `stripspace < ${at()}`, `grep --no-index CANARY ${at()}`, 'grep --no-index -r CANARY', `ls-files -X ${at()}`, `interpret-trailers --in-place ${at()}`, `mktree < ${at()}`, `var -l`, `column < ${at()}`])}`,
    () => `alias ${random.pick(['ls=evil', 'x=evil', "cat='cat /outside/secret'"])}`,
    () => `set ${random.pick(['-e', '-- evil', '-x', '-a', '-f', '-o pipefail', '-k'])}`,
    () => `shopt -s ${random.pick(['expand_aliases', 'dotglob', 'globstar', 'extglob', 'nullglob'])}`,
    () =>
      `export ${random.pick(['x=1', 'PATH=/trap', 'A=evil', 'x', 'BASH_ENV=script.sh', 'LC_ALL=C', '-f f', 'FOO=bar'])}`,
    () => `declare ${random.pick(['x=evil', '-x x=1', '-a a', '-n x=PATH', '-i x=1', 'x=/outside/secret', 'x'])}`,
    () => `unset ${random.pick(['x', '-f ls', 'PATH', "'a[$(evil)]'"])}`,
    () => `test ${random.pick(['-f a.txt', "-v 'a[$(evil)]'", '-n "$x"', '1 -eq 1', '-e /outside/secret'])}`,
    () => `[ -f ${at()} ]`,
    () =>
      `[[ ${random.pick(['-f a.txt', '$x == y', 'a -eq 1', '$x -eq 1', '-v a', 'x =~ y', "'a[$(evil)]' -eq 0", '-n $(evil)'])} ]]`,
    () => `source ${at()}`,
    () => `comm ${at()} ${at()}`,
    () => `paste ${at()} -`,
    () => `join ${at()} ${at()}`,
    () => `stat -c %n ${at()}`,
    () => `nl ${at()}`,
    () => `tr a b < ${at()}`,
    () => `cut -c1-20 ${at()}`,
    () => `pwd`,
    () => `seq 3`,
    () => `date ${random.pick(['', '+%Y', `-f ${at()}`, `-r ${at()}`, `--file=${at()}`])}`,
    () => obscure(random.pick(traps), random),
  ])();
}

function inner(random: Random): string {
  return random.oneIn(3) ? obscure(random.pick(traps), random) : simple2(random);
}

function simple2(random: Random): string {
  return random.pick([
    `cat ${file(random)}`,
    `ls ${file(random)}`,
    `echo x`,
    `rm -f ${file(random)}`,
    `echo x > ${file(random)}`,
    `cp a.txt ${file(random)}`,
    'pwd',
    'git status',
    `head ${file(random)}`,
    `grep -r CANARY ${file(random)}`,
    `cd .. && cat other`,
    `cd sub; cat c.txt`,
    'x=evil; $x',
    'true',
  ]);
}

function findTail(random: Random): string {
  return random.pick([
    '',
    '-name "*.txt"',
    '-type f',
    '-delete',
    '-exec cat {} +',
    '-exec cat {} \\;',
    '-exec evil \\;',
    '-exec sh -c "cat $0" {} \\;',
    `-fprint ${file(random)}`,
    `-fprintf ${file(random)} x`,
    '-name token -exec cat {} +',
    '-name secret -exec cat {} \\;',
    '-execdir cat {} \\;',
    '-ok cat {} \\;',
    `-newer ${file(random)}`,
    '-L',
    '-follow',
    '-print0 | xargs -0 cat',
    '| xargs cat',
    '-type f | xargs grep CANARY',
    '| xargs -I{} sh -c {}',
    '-name "*.txt" | xargs rm',
    '-maxdepth 1 -exec {} \\;',
    '-exec rm {} \\;',
    '-exec cp {} sub \\;',
    `-files0-from ${file(random)}`,
    '-printf %p',
    '-ls',
    `-fls ${file(random)}`,
    '-path "./s*" -exec cat {} +',
    '-samefile a.txt',
    '-xtype f -exec head {} +',
  ]);
}

function sedScript(random: Random): string {
  return random.pick([
    "'s/a/b/'",
    "'s/a/b/e'",
    "'1e evil'",
    "'w /outside/target'",
    "'r /outside/secret'",
    "'s/a/b/w /outside/target'",
    "'$!d'",
    "'1i\\evil'",
    "'a text'",
    "'a\\'",
    "'1{p;e evil\n}'",
    "'/a/{s/a/b/;w out.txt\n}'",
    "'p;p'",
    "'e'",
    "'y/abc/xyz/'",
    "'s|a|b|g'",
    "'1!G;h;$!d'",
    "'/x/c\\\nfoo'",
    "'R list.txt'",
    "'b;e evil'",
    "'s/.*/evil/e'",
    's/a/b/',
    'p',
    "'s/x/y/;e evil'",
    "'1,3p'",
    "'/a/,/b/d'",
    "'s/a/b/;s/c/d/gp'",
    "'#n\ne evil'",
    "'s,a,b,;1e evil'",
    "'s/[/]/x/;e'",
    "'F'",
    "'n;e evil'",
    "':a;N;$!ba;s/\\n/ /g'",
    "'}'",
    "'a\\\ne evil'",
    "'i\\' -e 'e evil'",
    "'1d' -e '1e evil'",
    "'W /outside/target'",
    "'s/a/&\\\n/w /outside/target'",
    "'q5'",
    "'l;e evil'",
  ]);
}

function awkProgram(random: Random): string {
  return random.pick([
    "'{print}'",
    "'{print $1}'",
    '\'{print > "/outside/target"}\'',
    '\'BEGIN{system("evil")}\'',
    '\'{print | "evil"}\'',
    '\'BEGIN{while((getline l < "/outside/secret")>0) print l}\'',
    '\'BEGIN{"evil" | getline x}\'',
    "'NR>1'",
    "'$1>0'",
    '\'{ print ($1>"out.txt") }\'',
    "'{print>$1}'",
    '\'BEGIN{ARGV[1]="/outside/secret";ARGC=2}{print}\'',
    '-f script.sh',
    "-F: '{print $1}'",
    "-v x=1 '{print x}'",
    "'/a/{print}' x=1",
    "'length>2'",
    '\'{a="x" > "y"}\'',
    '\'$0 ~ "a" && /b/\'',
    '\'{printf "%s", $1 >> "/outside/target"}\'',
    "'END{print NR}'",
    '\'BEGIN { printf "x" | "cat 1>&2" }\'',
    "'{ if ($1 > 2) print }'",
    "'/a>b/'",
    "'1 > 2 { print }'",
    "'{print substr($0,1)}'",
    '\'BEGIN{x="sys" "tem"}\'',
    '\'{print $1, $2 > "/dev/stderr"}\'',
  ]);
}

function obscure(command: string, random: Random): string {
  const [name = '', ...rest] = command.split(' ');
  const split = 1 + random.int(Math.max(1, name.length - 1));
  const [a, b] = [name.slice(0, split), name.slice(split)];
  const spelled = random.pick([
    name,
    name,
    `${a}""${b}`,
    `${a}''${b}`,
    `\\${name}`,
    `${a}\\${b}`,
    `"${name}"`,
    `'${name}'`,
    `$'${name}'`,
    `${a}"${b}"`,
    `/trap/${name}`,
    `/trap/./${name}`,
    `$(echo ${name})`,
    `\`echo ${name}\``,
    `${a}\\\n${b}`,
    `${a}$x${b}`,
    `${a}\${x}${b}`,
    `{${name},x}`,
    `${a}{${b},}`,
    `/trap/${a}*`,
    `/trap/${a}?${b.slice(1)}`,
    `${a}$@${b}`,
    `$'\\x${name.charCodeAt(0).toString(16)}${name.slice(1)}'`,
    `A=1 ${name}`,
    `A=1 x=2 ${name}`,
    `>out.txt ${name}`,
    `2>/dev/null ${name}`,
    `! ${name}`,
    `../../trap/${name}`,
    `LC_ALL=C ${name}`,
    `"\`echo ${name}\`"`,
  ]);
  return [spelled, ...rest].join(' ');
}

function quote(text: string, random: Random): string {
  return random.oneIn(2) ? `'${text.replaceAll("'", `'\\''`)}'` : `"${text.replace(/(["\\])/g, '\\$1')}"`;
}

function list(random: Random, depth: number): string {
  const parts: string[] = [];
  for (let i = 1 + random.int(3); i > 0; i--) parts.push(compound(random, depth));
  return parts.reduce(
    (all, part) =>
      all + random.pick(['; ', ' && ', ' || ', ' | ', '\n', ' & ', ' |& ', ';', '&&', '; ', ' && ']) + part,
  );
}

function compound(random: Random, depth: number): string {
  const base = redirected(random);
  if (depth === 0 || random.oneIn(2)) return base;
  const body = (): string => list(random, depth - 1);
  return random.pick<() => string>([
    () => `( ${body()} )`,
    () => `{ ${body()}; }`,
    () => `if ${base}; then ${body()}; fi`,
    () => `if ${base}; then ${body()}; else ${body()}; fi`,
    () =>
      `for f in ${random.pick(['a.txt b.txt', '*.txt', '1 2', 'evil', '/outside/secret', 'a.txt /outside/secret', '$(ls)', 'secrets/token', '*', 'sub src', '{a,b}.txt', '"$x"', ''])}; do ${body()}; done`,
    () =>
      `for x in ${random.pick(['a.txt', 'evil', '/outside/secret', 'a.txt evil', 'b.txt key'])}; do ${body()}; done`,
    () =>
      `while ${random.pick(['false', 'read -r x', 'read x'])}; do ${body()}; done < ${random.pick(['list.txt', 'a.txt', 'evil.txt'])}`,
    () =>
      `case ${random.pick(['x', '$x', '"$(evil)"', 'a.txt'])} in ${random.pick(['x', '*', 'a*', '$x'])}) ${body()};; esac`,
    () => `f() { ${body()}; }; f ${file(random)}`,
    () => `${random.pick(['ls', 'cat', 'g', 'cd', 'echo', 'x'])}() { ${body()}; }; ${base}`,
    () => `function h { ${body()}; }\nh`,
    () => `${base} <<EOF\n${random.pick(['x', '$(evil)', '`evil`', '${x}', '/outside/secret', body()])}\nEOF`,
    () => `${base} <<'EOF'\n${random.pick(['x', '$(evil)', 'evil'])}\nEOF`,
    () => `${base} <<< ${random.pick(['x', '"$(evil)"', '/outside/secret', 'evil'])}`,
    () =>
      `${random.pick(['sh', 'bash', 'xargs cat', 'xargs', 'cat', 'bash -s', 'sed -f -', 'awk -f -'])} <<EOF\n${random.pick(['evil', 'cat /outside/secret', 'cat a.txt', 'e evil', '/outside/secret'])}\nEOF`,
    () => `coproc ${base}`,
    () => `time ${base}`,
    () => `x=${random.pick(['evil', '/outside/secret', 'a.txt', '..', 'cat'])}; ${base}`,
    () => `x=${random.pick(['a.txt', '/outside/secret'])} && ${base} && cat ${random.pick(['$x', '"$x"'])}`,
    () => `x=a.txt; ${base}; cat ${random.pick(['$x', '"$x"', '${x}'])}`,
    () => `x=$(${inner(random)}); ${base}`,
  ])();
}

function redirected(random: Random): string {
  const base = program(random);
  if (!random.oneIn(4)) return base;
  const target = file(random);
  const mark = random.pick(['>', '>>', '>|', '&>', '2>', '<', '<>', '>&', '2>>', '1>', '&>>', '3>', '3<']);
  return random.oneIn(4) ? `${mark}${target} ${base}` : `${base} ${mark} ${target}`;
}

/** Now and then adds what people and attackers add: comments, continued lines, odd spaces, assignments in front. */
function hide(text: string, random: Random): string {
  if (!random.oneIn(6)) return text;
  return random.pick([
    `${text} # x`,
    ` \t${text}`,
    `# x\n${text}`,
    text.replace(' ', ' \\\n'),
    text.replaceAll(' ', '  '),
    `${text};`,
    `A=1; ${text}`,
    `{ ${text}; } 2>&1`,
    `x=evil\n${text}`,
    `${text} \\`,
    `(${text})`,
  ]);
}

/** Changes one command of a corpus: parts exchanged, doubled, wrapped or spelled in another way. */
export function mutate(command: string, random: Random): string {
  const words = command.split(' ');
  const at = random.int(words.length);
  const word = words[at] ?? '';
  const put = (text: string): string => [...words.slice(0, at), text, ...words.slice(at + 1)].join(' ');
  return random.pick<() => string>([
    () => put(file(random)),
    () => put(random.pick(forbidden)),
    () => `${command}; ${simple(random)}`,
    () => `${simple(random)} | ${command}`,
    () => put(`${word} ${random.pick(forbidden)}`),
    () => put(word.length > 1 ? `${word.slice(0, 1)}""${word.slice(1)}` : word),
    () => put(`$(${inner(random)})`),
    () => put(`"${word}"`),
    () => `${command} > ${file(random)}`,
    () => `bash -c ${quote(command, random)}`,
    () => `for f in ${file(random)}; do ${command}; done`,
    () => `if true; then ${command}; fi`,
    () => put(random.pick(['-f', '-o', '-e', '--', '-r', '-i', '-x', '-C', '-t', '--output=/outside/target'])),
    () => command.replaceAll('/etc/passwd', '/outside/secret').replaceAll('/tmp/x', '/outside/target'),
    () => command,
    () => `x=${file(random)}; ${put('$x')}`,
    () => `cd ${file(random)} && ${command}`,
    () => command.replace(/ /, '\t'),
  ])();
}
