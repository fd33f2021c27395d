const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A new task id (prefix and ULID) from a time in epoch milliseconds and 16 random bytes. */
export function taskIdFrom(now: number, random: Uint8Array): string {
  let time = '';
  for (let rest = now, digit = 0; digit < 10; digit += 1) {
    time = alphabet.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  const tail = Array.from({ length: 16 }, (_, index) => alphabet.charAt((random[index] ?? 0) % 32)).join('');
  return `task_${time}${tail}`;
}

/** A new task id; sending it with the prompt makes a repeated send harmless. */
export function newTaskId(): string {
  return taskIdFrom(Date.now(), crypto.getRandomValues(new Uint8Array(16)));
}
