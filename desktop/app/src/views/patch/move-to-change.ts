/** Focuses the next (1) or previous (-1) element that matches, seen from the focused one or from what is in view. */
export function moveToChange(body: HTMLElement | null, selector: string, by: 1 | -1): void {
  if (!body) return;
  const targets = [...body.querySelectorAll<HTMLElement>(selector)];
  const focused = document.activeElement;
  const top = body.getBoundingClientRect().top + 1;
  const current = targets.findLastIndex(
    (target) => target === focused || (focused !== null && target.contains(focused)),
  );
  const inView = targets.findIndex((target) => target.getBoundingClientRect().top >= top);
  const next = current >= 0 ? current + by : by > 0 ? Math.max(0, inView) : (inView < 0 ? targets.length : inView) - 1;
  const target = targets[Math.min(targets.length - 1, Math.max(0, next))];
  target?.focus({ preventScroll: true });
  target?.scrollIntoView({ block: 'start' });
}
