/**
 * Attempts to get out, made by commands that really run inside the sandbox. Each leaves a trace where it succeeds: a
 * canary in what it says, a changed folder outside, a visit to something that listens on this machine.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import type { ToolOutcome } from '@steward/tool-port';
import { createFixture, type Fixture } from '../fixture.ts';

const probe = createFixture({ sandbox: 'auto' });
const { kind } = await probe.runtime.sandboxState();
await probe.remove();

const canary = 'CANARY-7f3a9b';
const mebibyte = 1024 * 1024;
const isX64 = process.arch === 'x64';
/** System calls by number, for `perl -e 'syscall(…)'`. */
const calls = isX64
  ? {
      ptrace: 101,
      unshare: 272,
      setns: 308,
      keyctl: 250,
      bpf: 321,
      ioUring: 425,
      chroot: 161,
      clone3: 435,
      mount: 165,
      pidfdOpen: 434,
      openTree: 428,
      byHandle: 304,
    }
  : {
      ptrace: 117,
      unshare: 97,
      setns: 268,
      keyctl: 219,
      bpf: 280,
      ioUring: 425,
      chroot: 51,
      clone3: 435,
      mount: 40,
      pidfdOpen: 434,
      openTree: 428,
      byHandle: 265,
    };

/** What is outside of the sandbox and could be harmed. */
interface World {
  readonly fixture: Fixture;
  readonly outside: string;
  readonly tcpPort: number;
  readonly udpPort: number;
  readonly victim: ChildProcess;
}

let world: World;
const visits: string[] = [];
const closers: (() => unknown)[] = [];

function treeOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const file = path.join(folder, name);
        const stats = statSync(file);
        return [name, `${stats.mode} ${stats.nlink} ${stats.isFile() ? readFileSync(file, 'utf8') : ''}`];
      }),
  );
}

async function listening(server: Server, where: { path: string } | { port: number; host: string }, name: string) {
  server.on('connection', (socket) => {
    visits.push(name);
    socket.on('error', () => undefined);
    socket.end(`${canary}\n`);
  });
  server.listen(where);
  await once(server, 'listening');
  closers.push(() => server.close());
  return server;
}

async function makeWorld(): Promise<World> {
  const fixture = createFixture({
    sandbox: 'auto',
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      SECRET_TOKEN: canary,
      SSH_AUTH_SOCK: '/tmp/agent.sock',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/tmp/bus',
      LD_PRELOAD: '/tmp/evil.so',
      NODE_OPTIONS: `--title=${canary}`,
    },
    limits: {
      commandProcesses: 60,
      commandMemoryBytes: 300 * mebibyte,
      commandFileBytes: 8 * mebibyte,
      temporaryBytes: 8 * mebibyte,
      killGraceMs: 100,
      egressRequestsPerMinute: 1_000,
    },
    // The one host that commands may reach is the name allowed.test, at the address of the listener.
    egress: {
      resolve: (host) => Promise.resolve([{ address: host === 'inward.test' ? '10.0.0.1' : '127.0.0.1', family: 4 }]),
    },
    walls: {
      allowAddress: (host, _port, ip) => host === 'allowed.test' && ip === '127.0.0.1',
      checkUrl: (url) => ['allowed.test', 'inward.test'].includes(new URL(url).hostname),
    },
  });
  const outside = path.join(fixture.root, 'outside');
  mkdirSync(outside);
  writeFileSync(path.join(outside, 'secret.txt'), canary);
  writeFileSync(path.join(fixture.home, 'notes.txt'), canary);
  mkdirSync(path.join(fixture.home, '.ssh'));
  writeFileSync(path.join(fixture.home, '.ssh', 'id'), canary);
  mkdirSync(fixture.state, { recursive: true });
  writeFileSync(path.join(fixture.state, 'journal'), canary);
  execFileSync('git', ['init', '-q', fixture.project], { env: { PATH: process.env['PATH'] } });
  const tcp = await listening(createServer(), { host: '127.0.0.1', port: 0 }, 'tcp');
  await listening(createServer(), { path: path.join(fixture.project, 'db.sock') }, 'socket in the project');
  await listening(createServer(), { path: path.join(fixture.home, 'agent.sock') }, 'socket in the home folder');
  await listening(createServer(), { path: path.join(outside, 'docker.sock') }, 'socket outside');
  for (const file of [path.join(fixture.project, 'db.sock'), path.join(outside, 'docker.sock')]) chmodSync(file, 0o777);
  const udp = createSocket('udp4', () => visits.push('udp'));
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  closers.push(() => udp.close());
  const victim = spawn('/bin/sleep', ['1000'], { env: { HOST_SECRET: canary }, stdio: 'ignore' });
  closers.push(() => victim.kill('SIGKILL'));
  const abstract = spawn(
    'perl',
    [
      '-e',
      `use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un("\\0steward-${process.pid}")); listen(S, 9); $|=1; print "up\\n"; while (accept(C, S)) { print C "${canary}\\n"; print "visit\\n"; close C }`,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await once(abstract.stdout, 'data');
  abstract.stdout.on('data', () => visits.push('abstract socket'));
  closers.push(() => abstract.kill('SIGKILL'));
  return { fixture, outside, tcpPort: (tcp.address() as AddressInfo).port, udpPort: udp.address().port, victim };
}

/** One attempt; what it must say or leave, where the general marks are not enough. */
interface Attempt {
  readonly name: string;
  command(world: World): string;
  readonly network?: boolean;
  held?(outcome: ToolOutcome, world: World): void | Promise<void>;
}

const perl = (script: string): string => `perl -e '${script}'`;
const systemCall = (words: string): string => perl(`my $r = syscall(${words}); print "result $r ", $! + 0, "\\n"`);
const refusedCall = (outcome: ToolOutcome): void => expect(outcome.outputText).toMatch(/^result -1 (?:1|13|38)\n/);
const saysNo = (outcome: ToolOutcome): void => expect(outcome.status).toBe('failed');
const unixSocket = (place: string): string =>
  perl(
    `use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0); connect(S, pack_sockaddr_un("${place}")) or die "no: $!"; print <S>`,
  );
const raw = (lines: string, wait = 400): string =>
  `node -e "
    const net = require('node:net'); const proxy = new URL(process.env.HTTP_PROXY);
    const socket = net.connect(proxy.port, proxy.hostname, () => socket.write(Buffer.from('${Buffer.from(lines, 'latin1').toString('hex')}', 'hex')));
    socket.on('data', (d) => process.stdout.write(d)); socket.on('close', () => process.exit()); setTimeout(() => process.exit(), ${wait});"`;

const files: readonly Attempt[] = [
  { name: 'write by an absolute path', command: ({ outside }) => `echo x > ${outside}/new.txt`, held: saysNo },
  { name: 'write upwards', command: () => 'echo x > ../outside/new.txt', held: saysNo },
  {
    name: 'write through a link',
    command: ({ outside }) => `ln -s ${outside} out && echo x > out/new.txt`,
    held: saysNo,
  },
  {
    name: 'write over the target of a link',
    command: ({ outside }) => `ln -sf ${outside}/secret.txt l; echo x > l`,
    held: saysNo,
  },
  {
    name: 'hard-link a file of outside',
    command: ({ outside }) => `ln ${outside}/secret.txt hard && cat hard`,
    held: saysNo,
  },
  { name: 'move a file away', command: ({ outside }) => `mv ${outside}/secret.txt .`, held: saysNo },
  { name: 'delete outside', command: ({ outside }) => `rm -rf ${outside} ${outside}/secret.txt; true` },
  { name: 'change permissions outside', command: ({ outside }) => `chmod 777 ${outside}/secret.txt`, held: saysNo },
  { name: 'read a planted secret', command: ({ outside }) => `cat ${outside}/secret.txt`, held: saysNo },
  {
    name: 'read the home folder',
    command: ({ fixture }) => `cat ${fixture.home}/notes.txt ${fixture.home}/.ssh/id`,
    held: saysNo,
  },
  {
    name: 'read the state of the session',
    command: ({ fixture }) => `cat ${fixture.state}/journal; ls -A ${fixture.state}/`,
    held: ({ outputText }) => expect(outputText).not.toMatch(/journal$/m),
  },
  { name: 'change a system file', command: () => 'echo x >> /etc/passwd', held: saysNo },
  { name: 'make a block device', command: () => 'mknod disk b 254 0 && dd if=disk bs=512 count=1', held: saysNo },
  {
    name: 'open the memory of the machine',
    command: () => 'cat /dev/mem /dev/kmem /dev/kmsg /dev/vda /dev/sda',
    held: saysNo,
  },
  {
    name: 'find other devices',
    command: () => 'ls /dev',
    held: ({ outputText }) => expect(outputText).not.toMatch(/vd|sd|nvme|kmsg|mem|fuse|kvm|loop/),
  },
  {
    name: 'leave a file in the temporary folder of the machine',
    command: () => `echo ${canary.toLowerCase()} > /tmp/steward-left-${process.pid}`,
    held: () => expect(existsSync(`/tmp/steward-left-${process.pid}`)).toBe(false),
  },
  {
    name: 'find the folders of other commands',
    network: true,
    command: () => 'ls -d /tmp/steward-* /tmp/*',
    held: saysNo,
  },
  { name: 'open a file by its handle', command: () => systemCall(`${calls.byHandle}, -100, 0, 0`), held: refusedCall },
  {
    name: 'plant a link for a later write of ours',
    command: ({ outside }) => `ln -sf ${outside}/secret.txt notes.txt`,
    held: async (_, { fixture }) => {
      const write = await fixture.run('WriteFile', { path: 'notes.txt', content: 'overwritten' });
      expect(write.status).toBe('denied');
    },
  },
  {
    name: 'plant a linked folder for a later write of ours',
    command: ({ outside }) => `ln -sfn ${outside} folder`,
    held: async (_, { fixture }) => {
      const write = await fixture.run('WriteFile', { path: 'folder/new.txt', content: 'x' });
      const read = await fixture.run('ReadFile', { path: 'folder/secret.txt' });
      expect([write.status, read.status]).toEqual(['denied', 'denied']);
    },
  },
  {
    name: 'plant a temporary name that we would use',
    command: ({ outside }) => `for i in 1 2 3; do ln -s ${outside}/secret.txt .steward-$i.tmp; done; echo planted`,
    held: async (_, { fixture }) => {
      const write = await fixture.run('WriteFile', { path: 'plain.txt', content: 'x' });
      expect(write.status).toBe('succeeded');
    },
  },
];

const projectSettings: readonly Attempt[] = [
  { name: 'plant a git hook', command: () => 'echo "echo x" > .git/hooks/pre-commit', held: saysNo },
  { name: 'make git run a program', command: () => 'git config core.fsmonitor ./evil', held: saysNo },
  {
    name: 'replace the repository with another',
    command: () => 'mv .git .old && mkdir -p .git/hooks && echo x > .git/hooks/pre-commit',
    held: saysNo,
  },
  {
    name: 'replace the folder of hooks',
    command: () => 'rm -rf .git/hooks; mkdir -p .git/hooks && echo x > .git/hooks/pre-commit',
    held: saysNo,
  },
  {
    name: 'leave settings that editors obey',
    command: () => 'mkdir -p .vscode && echo "{}" > .vscode/tasks.json; echo "{}" > .mcp.json',
    held: ({ outputText }) => {
      expect(outputText).toContain('the command made .vscode, which other programs obey without asking');
      expect(outputText).toContain('the command made .mcp.json, which other programs obey without asking');
    },
  },
];

const network: readonly Attempt[] = [
  { name: 'connect by TCP', command: ({ tcpPort }) => `bash -c 'cat < /dev/tcp/127.0.0.1/${tcpPort}'`, held: saysNo },
  {
    name: 'connect by TCP although the proxy is there',
    network: true,
    command: ({ tcpPort }) => `bash -c 'cat < /dev/tcp/127.0.0.1/${tcpPort}'`,
    held: saysNo,
  },
  {
    name: 'connect to the cloud metadata',
    network: true,
    command: () => `bash -c 'cat < /dev/tcp/169.254.169.254/80'`,
    held: saysNo,
  },
  { name: 'connect by IPv6', command: ({ tcpPort }) => `bash -c 'cat < /dev/tcp/::1/${tcpPort}'`, held: saysNo },
  { name: 'send by UDP', command: ({ udpPort }) => `bash -c 'echo x > /dev/udp/127.0.0.1/${udpPort}'; true` },
  { name: 'ask a name server', network: true, command: () => 'getent hosts canary.example.com', held: saysNo },
  {
    name: 'open a raw socket',
    command: () => perl('use Socket; socket(S, 17, SOCK_RAW, 0) or die "no: $!"'),
    held: saysNo,
  },
  { name: 'talk to the hypervisor', command: () => perl('socket(S, 40, 1, 0) or die "no: $!"'), held: saysNo },
  { name: 'use a Bluetooth socket', command: () => perl('socket(S, 31, 1, 0) or die "no: $!"'), held: saysNo },
  {
    name: 'talk to a socket in the project',
    command: ({ fixture }) => unixSocket(`${fixture.project}/db.sock`),
    held: saysNo,
  },
  {
    name: 'talk to a socket in the home folder',
    command: ({ fixture }) => unixSocket(`${fixture.home}/agent.sock`),
    held: saysNo,
  },
  { name: 'talk to a socket outside', command: ({ outside }) => unixSocket(`${outside}/docker.sock`), held: saysNo },
  {
    name: 'talk to an abstract socket',
    network: true,
    command: () => unixSocket(`\\0steward-${process.pid}`),
    held: saysNo,
  },
  {
    name: 'find sockets of services',
    command: () => 'ls -A /run /var/run/docker.sock /run/dbus /run/user',
    held: ({ outputText }) => expect(outputText).not.toMatch(/^(?:dbus|docker\.sock|user|systemd)$/m),
  },
  {
    name: 'find an agent for keys or a bus',
    command: () => 'env | grep -E "SSH_AUTH|DBUS|CANARY|LD_PRELOAD|NODE_OPTIONS|TOKEN"',
    held: saysNo,
  },
];

const proxy: readonly Attempt[] = [
  {
    name: 'reach loopback by the proxy',
    network: true,
    command: ({ tcpPort }) => raw(`GET http://127.0.0.1:${tcpPort}/ HTTP/1.1\r\nHost: 127.0.0.1:${tcpPort}\r\n\r\n`),
    held: ({ outputText }) => expect(outputText).toMatch(/^HTTP\/1.1 403/),
  },
  {
    name: 'reach a private address behind an allowed name',
    network: true,
    command: () => raw('CONNECT inward.test:443 HTTP/1.1\r\nHost: inward.test\r\n\r\n'),
    held: ({ outputText }) => expect(outputText).toMatch(/^HTTP\/1.1 403/),
  },
  {
    name: 'open a tunnel to loopback',
    network: true,
    command: ({ tcpPort }) => raw(`CONNECT 127.0.0.1:${tcpPort} HTTP/1.1\r\nHost: x\r\n\r\n`),
    held: ({ outputText }) => expect(outputText).toMatch(/^HTTP\/1.1 403/),
  },
  {
    name: 'write an address in another way',
    network: true,
    command: ({ tcpPort }) => raw(`CONNECT 0x7f000001:${tcpPort} HTTP/1.1\r\nHost: x\r\n\r\n`),
    held: ({ outputText }) => expect(outputText).toMatch(/^HTTP\/1.1 40[03]/),
  },
  {
    name: 'reach a host that is not listed',
    network: true,
    command: () => raw('CONNECT evil.example:443 HTTP/1.1\r\nHost: allowed.test\r\n\r\n'),
    held: ({ outputText }) => expect(outputText).toMatch(/^HTTP\/1.1 403/),
  },
  {
    name: 'carry something else than TLS in a tunnel',
    network: true,
    command: ({ tcpPort }) =>
      raw(`CONNECT allowed.test:${tcpPort} HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n`),
    held: ({ outputText }) => expect(outputText).not.toMatch(/CANARY/),
  },
  {
    name: 'frame a body in two ways',
    network: true,
    command: ({ tcpPort }) =>
      raw(
        `POST http://allowed.test:${tcpPort}/ HTTP/1.1\r\nHost: allowed.test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`,
      ),
    held: ({ outputText }) => expect(outputText).toMatch(/^HTTP\/1.1 400/),
  },
  {
    name: 'hide a header behind a line break',
    network: true,
    command: ({ tcpPort }) =>
      raw(`GET http://allowed.test:${tcpPort}/ HTTP/1.1\r\nHost: allowed.test\r\nX: a\n Host: evil\r\n\r\n`),
    held: ({ outputText }) => expect(outputText).toMatch(/^HTTP\/1.1 400/),
  },
  {
    name: 'change the protocol of a connection',
    network: true,
    command: ({ tcpPort }) =>
      raw(
        `GET http://allowed.test:${tcpPort}/ HTTP/1.1\r\nHost: allowed.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      ),
    held: ({ outputText }) => expect(outputText).toMatch(/^HTTP\/1.1 501/),
  },
  {
    name: 'ask for another scheme',
    network: true,
    command: () => raw('GET file:///etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n'),
    held: ({ outputText }) => expect(outputText).toMatch(/^HTTP\/1.1 400/),
  },
  {
    name: 'ask the proxy itself',
    network: true,
    command: () => raw('GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    held: ({ outputText }) => expect(outputText).toMatch(/^HTTP\/1.1 400/),
  },
  {
    name: 'send a key in clear text',
    network: true,
    command: ({ tcpPort }) =>
      raw(`GET http://allowed.test:${tcpPort}/?k=AKIA${'IOSFODNN7ABCDEFG'} HTTP/1.1\r\nHost: allowed.test\r\n\r\n`),
    held: ({ outputText }) => expect(outputText).toMatch(/^HTTP\/1.1 403 [^]*looks like a secret \(AWS access key\)/),
  },
  {
    name: 'reach the socket of the proxy without the bridge',
    network: true,
    command: () =>
      perl(
        'use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0); connect(S, pack_sockaddr_un("/run/steward/egress.sock")) or die; $|=1; syswrite(S, "CONNECT 127.0.0.1:22 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"); print <S>',
      ),
    held: ({ outputText }) => expect(outputText).toMatch(/^HTTP\/1.1 403/),
  },
];

const processes: readonly Attempt[] = [
  { name: 'kill a process outside', command: ({ victim }) => `kill -9 ${victim.pid} ${process.pid}`, held: saysNo },
  {
    name: 'kill everything',
    command: () => 'kill -9 -1; echo alive',
    held: (_, { victim }) => expect(victim.exitCode).toBe(null),
  },
  {
    name: 'kill the parent',
    command: () => 'kill -9 $PPID; sleep 0.1; echo done',
    held: (_, { victim }) => expect(victim.exitCode).toBe(null),
  },
  {
    name: 'trace a process outside',
    command: ({ victim }) => systemCall(`${calls.ptrace}, 16, ${victim.pid}, 0, 0`),
    held: ({ outputText }) => expect(outputText).toMatch(/^result -1 (?:1|3)\n/),
  },
  {
    name: 'take hold of a process outside',
    command: ({ victim }) => systemCall(`${calls.pidfdOpen}, ${victim.pid}, 0`),
    held: ({ outputText }) => expect(outputText).toMatch(/^result -1 (?:1|3)\n/),
  },
  {
    name: 'read the environment of other processes',
    command: ({ victim }) => `cat /proc/${victim.pid}/environ /proc/[0-9]*/environ | tr "\\0" "\\n"`,
  },
  {
    name: 'read the memory of a process outside',
    command: ({ victim }) => `dd if=/proc/${victim.pid}/mem bs=1 count=1`,
    held: saysNo,
  },
  {
    name: 'go through the first process',
    command: ({ outside }) => `cat /proc/1/root${outside}/secret.txt /proc/1/cwd/../outside/secret.txt`,
    held: saysNo,
  },
  {
    name: 'inherit an open descriptor of the runtime',
    command: () => 'ls -l /proc/self/fd',
    held: ({ outputText }, { fixture }) => expect(outputText).not.toMatch(new RegExp(`${fixture.root}|\\.bpf| 9 ->`)),
  },
  {
    name: 'outlive the command',
    command: () => `setsid sh -c "sleep 77${process.pid} &" > /dev/null 2>&1; echo started`,
    held: () => expect(spawnSync('pgrep', ['-f', `^sleep 77${process.pid}`]).stdout.toString()).toBe(''),
  },
  { name: 'fork without end', command: () => 'b() { b | b & b; }; b 2> /dev/null', held: saysNo },
  {
    name: 'fork without end, away from the terminal',
    command: () => perl('while (1) { my $p = fork; setpgrp unless $p }'),
    held: saysNo,
  },
  { name: 'take all memory', command: () => perl('my @a; while (1) { push @a, "x" x 10_000_000 }'), held: saysNo },
  {
    name: 'take all memory with many processes',
    command: () => perl('for (1..20) { fork or last } my $x = "x" x 100_000_000; sleep 20'),
    held: saysNo,
  },
  {
    name: 'fill the disk with one file',
    command: () => 'head -c 64000000 /dev/zero > big',
    held: (_, { fixture }) =>
      expect(statSync(path.join(fixture.project, 'big')).size).toBeLessThanOrEqual(8 * mebibyte),
  },
  {
    name: 'fill the shared memory',
    command: () => 'for i in 1 2 3 4; do head -c 7000000 /dev/zero > /dev/shm/$i; done',
    held: saysNo,
  },
  { name: 'fill the device folder', command: () => 'head -c 64000000 /dev/zero > /dev/big', held: saysNo },
  {
    name: 'fill the temporary folder',
    command: () => 'for i in 1 2 3 4; do head -c 7000000 /dev/zero > /tmp/$i || exit 1; done',
    held: saysNo,
  },
  {
    name: 'type into the terminal',
    command: () => perl('open(T, "<", "/dev/tty") or open(T, "<&", 0); ioctl(T, 0x5412, my $c = "x") or die "no: $!"'),
    held: saysNo,
  },
];

const kernel: readonly Attempt[] = [
  { name: 'mount a file system', command: () => 'mount -t tmpfs x /mnt', held: saysNo },
  {
    name: 'leave the control group that bounds it',
    command: () =>
      'for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/*/tasks; do echo $$ > $f && exit 0; done; exit 1',
    held: saysNo,
  },
  {
    name: 'make a control group without bounds',
    command: () => 'for d in /sys/fs/cgroup /sys/fs/cgroup/*/; do mkdir $d/none && exit 0; done; exit 1',
    held: saysNo,
  },
  {
    name: 'make the system writable again',
    command: () => 'mount -o remount,rw,bind / && echo x > /etc/x',
    held: saysNo,
  },
  { name: 'mount by number', command: () => systemCall(`${calls.mount}, 0, 0, 0, 0, 0`), held: refusedCall },
  { name: 'mount by the newer calls', command: () => systemCall(`${calls.openTree}, -100, 0, 1`), held: refusedCall },
  {
    name: 'unmount what hides the home folder',
    command: ({ fixture }) => `umount ${fixture.home} ; cat ${fixture.home}/notes.txt`,
    held: saysNo,
  },
  { name: 'make a user namespace', command: () => systemCall(`${calls.unshare}, 0x10000000`), held: refusedCall },
  { name: 'make a user namespace by program', command: () => 'unshare -Ur id', held: saysNo },
  { name: 'make namespaces by the newest call', command: () => systemCall(`${calls.clone3}, 0, 0`), held: refusedCall },
  { name: 'make a sandbox inside', command: () => 'bwrap --ro-bind / / --dev /dev true', held: saysNo },
  {
    name: 'join the namespace of another process',
    command: () =>
      `perl -e 'open(N, "<", "/proc/1/ns/net"); my $r = syscall(${calls.setns}, fileno(N), 0); print "result $r ", $! + 0, "\\n"'`,
    held: refusedCall,
  },
  {
    name: 'leave by another root',
    command: () => systemCall(`${calls.chroot}, my $place = "/tmp"`),
    held: refusedCall,
  },
  { name: 'read keys of the kernel', command: () => systemCall(`${calls.keyctl}, 0, -3, 0`), held: refusedCall },
  { name: 'load a program into the kernel', command: () => systemCall(`${calls.bpf}, 0, 0, 0`), held: refusedCall },
  {
    name: 'use a ring of calls that no filter sees',
    command: () => systemCall(`${calls.ioUring}, 8, 0`),
    held: refusedCall,
  },
  {
    name: 'name a program for crashes',
    command: () => 'echo "|/bin/sh" > /proc/sys/kernel/core_pattern',
    held: saysNo,
  },
  { name: 'use the system request trigger', command: () => 'echo h > /proc/sysrq-trigger', held: saysNo },
  { name: 'change settings of devices', command: () => 'echo 1 > /sys/kernel/mm/ksm/run', held: saysNo },
  { name: 'leave by a release agent', command: () => 'mkdir /sys/fs/cgroup/x /sys/fs/cgroup/pids/x', held: saysNo },
  { name: 'become somebody else', command: () => 'su -c id nobody', held: saysNo },
  {
    name: 'gain rights by a program with a set-user bit',
    command: () => 'grep -E "NoNewPrivs:.1" /proc/self/status && grep -c CapSys /proc/self/status',
    held: ({ outputText }) => expect(outputText).toMatch(/^NoNewPrivs:\t1/),
  },
];

const groups = { files, projectSettings, network, proxy, processes, kernel };

if (kind === 'bubblewrap') {
  describe('From inside the sandbox', () => {
    beforeAll(async () => {
      world = await makeWorld();
    });
    afterAll(async () => {
      for (const close of closers) close();
      await world.fixture.remove();
    });
    afterEach(() => {
      visits.length = 0;
    });

    for (const [group, attempts] of Object.entries(groups))
      describe(group, () => {
        it.each(attempts.map((attempt) => [attempt.name, attempt] as const))(
          'it is not possible to %s',
          async (_, attempt) => {
            const before = treeOf(world.outside);

            const outcome = await world.fixture.run(
              'RunCommand',
              { command: attempt.command(world), timeoutSeconds: 10 },
              { walls: { ...world.fixture.walls, network: attempt.network ?? false } },
            );

            expect(outcome.outputText).not.toContain(canary);
            expect(visits).toEqual([]);
            expect(treeOf(world.outside)).toEqual(before);
            expect(world.victim.exitCode).toBe(null);
            await attempt.held?.(outcome, world);
          },
        );
      });

    it('a folder that the policy lists is reached by its real path only', async () => {
      const other = path.join(world.fixture.root, 'other');
      mkdirSync(other);
      symlinkSync(world.outside, path.join(other, 'link'));
      linkSync(path.join(world.fixture.home, 'notes.txt'), path.join(other, 'hard.txt'));

      const outcome = await world.fixture.run(
        'RunCommand',
        { command: `cat ${other}/link/secret.txt` },
        { walls: { ...world.fixture.walls, readRoots: [realpathSync(other)] } },
      );

      expect(outcome.outputText).not.toContain(canary);
    });
  });
} else {
  describe('From inside the sandbox', () => {
    it('nothing can be tried where there is none', () => {
      expect(kind).toBe('none');
    });
  });
}
