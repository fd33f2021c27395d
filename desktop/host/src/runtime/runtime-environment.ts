import { programEnvironment } from '@steward/sdk';

/**
 * Keeps glibc's memory flat over a long conversation: one heap for all threads, since each further one is split and kept
 * by itself, and a fixed size from which memory is mapped, since otherwise the first large buffer that is freed raises it
 * and later ones split the heap (mallopt(3): M_ARENA_MAX, M_MMAP_THRESHOLD). Other systems know nothing of it.
 */
const steadyMemory = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' };

/**
 * The whole environment of a runtime process: what any program may inherit from the desktop's own, then what the stack
 * gives. Everything else is left out, so that a token in the desktop's environment never reaches a tool.
 */
export function runtimeEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  given: Readonly<Record<string, string>>,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  return { ...programEnvironment(own, platform), ...steadyMemory, ...given };
}
