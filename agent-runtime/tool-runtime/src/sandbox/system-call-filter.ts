/**
 * The filter of system calls that every process inside the sandbox carries: a classic BPF program in the form that
 * `bwrap --seccomp` reads (8 bytes per instruction, little endian; linux/filter.h and linux/seccomp.h). What a build or
 * a test run needs is untouched; refused is what reaches past namespaces: new namespaces and mounts, kernel keyrings,
 * io_uring, eBPF, modules, the clock, sockets of other kinds than local, internet and netlink, input pushed into a
 * terminal.
 */

/** Machines that the filter is written for. */
export type FilteredArchitecture = 'x64' | 'arm64';

const auditArchitecture: Record<FilteredArchitecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** Numbers of refused calls, `[x64, arm64]`; a call that a machine does not have is left out. */
const refused: Readonly<Record<string, readonly [number, number | undefined]>> = {
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  swapon: [167, 224],
  swapoff: [168, 225],
  reboot: [169, 142],
  acct: [163, 89],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  syslog: [103, 116],
  quotactl: [179, 60],
  vhangup: [153, 58],
  iopl: [172, undefined],
  ioperm: [173, undefined],
  modify_ldt: [154, undefined],
};

/** Calls that answer "not implemented", so that libraries use the older call that can be judged. */
const unimplemented: Readonly<Record<string, number>> = {
  clone3: 435,
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
};

const judged = {
  clone: [56, 220],
  unshare: [272, 97],
  socket: [41, 198],
  ioctl: [16, 29],
} as const;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const newNamespaces = 0x7e020000;
const newTimeNamespace = 0x80;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. */
const socketFamilies = [1, 2, 10, 16];
/** TIOCSTI, TIOCLINUX. */
const terminalInput = [0x5412, 0x541c];

const loadWord = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const jumpIfAnyBit = 0x45;
const answer = 0x06;

const allow = 0x7fff0000;
const errorAnswer = 0x00050000;
const notPermitted = errorAnswer | 1;
const notImplemented = errorAnswer | 38;
/** Calls of a second calling convention on x64 share the architecture and start here. */
const secondConvention = 0x40000000;

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, value: number];

/** The filter as bytes. */
export function systemCallFilter(architecture: FilteredArchitecture): Buffer {
  const index = architecture === 'x64' ? 0 : 1;
  const program: Instruction[] = [
    [loadWord, 0, 0, 4],
    [jumpIfEqual, 1, 0, auditArchitecture[architecture]],
    [answer, 0, 0, notPermitted],
    [loadWord, 0, 0, 0],
  ];
  if (architecture === 'x64') program.push([jumpIfAtLeast, 0, 1, secondConvention], [answer, 0, 0, notPermitted]);
  for (const numbers of Object.values(refused)) {
    const number = numbers[index];
    if (number !== undefined) program.push([jumpIfEqual, 0, 1, number], [answer, 0, 0, notPermitted]);
  }
  for (const number of Object.values(unimplemented))
    program.push([jumpIfEqual, 0, 1, number], [answer, 0, 0, notImplemented]);
  program.push(
    ...onCall(judged.clone[index], [
      [loadWord, 0, 0, lowHalfOf(0)],
      [jumpIfAnyBit, 0, 1, newNamespaces],
      [answer, 0, 0, notPermitted],
    ]),
    ...onCall(judged.unshare[index], [
      [loadWord, 0, 0, lowHalfOf(0)],
      [jumpIfAnyBit, 0, 1, newNamespaces | newTimeNamespace],
      [answer, 0, 0, notPermitted],
    ]),
    ...onCall(judged.socket[index], [
      [loadWord, 0, 0, lowHalfOf(0)],
      ...socketFamilies.map((family, at): Instruction => [jumpIfEqual, socketFamilies.length - at, 0, family]),
      [answer, 0, 0, notPermitted],
    ]),
    ...onCall(judged.ioctl[index], [
      [loadWord, 0, 0, lowHalfOf(1)],
      ...terminalInput.flatMap((request): Instruction[] => [
        [jumpIfEqual, 0, 1, request],
        [answer, 0, 0, notPermitted],
      ]),
    ]),
    [answer, 0, 0, allow],
  );
  return encode(program);
}

/** Instructions for one call, which end in "allowed"; other calls jump over them. */
function onCall(number: number, then: readonly Instruction[]): Instruction[] {
  return [[jumpIfEqual, 0, then.length + 1, number], ...then, [answer, 0, 0, allow]];
}

/** Offset of the low 32 bits of an argument in `struct seccomp_data` on a little-endian machine. */
function lowHalfOf(argument: number): number {
  return 16 + 8 * argument;
}

function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, whenTrue, whenFalse, value], at) => {
    bytes.writeUInt16LE(code, at * 8);
    bytes.writeUInt8(whenTrue, at * 8 + 2);
    bytes.writeUInt8(whenFalse, at * 8 + 3);
    bytes.writeUInt32LE(value >>> 0, at * 8 + 4);
  });
  return bytes;
}
