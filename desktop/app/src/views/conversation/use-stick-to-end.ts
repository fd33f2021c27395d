import { useCallback, useEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';

/** Pixels from the end that still count as being there. */
const nearEnd = 48;

/** Whether the reader is at the end, and the way back to it. */
export interface StickToEnd {
  readonly atEnd: boolean;
  readonly toEnd: () => void;
  /** Lets go, because the reader opened something and looks at it. */
  readonly release: () => void;
}

/**
 * Keeps a growing scroller at its end while the reader is there. Scrolling up lets go at once; reaching the end
 * takes hold again. Growth alone never moves a reader who is elsewhere.
 */
export function useStickToEnd(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
): StickToEnd {
  const [atEnd, setAtEnd] = useState(true);
  const holds = useRef(true);
  const lastTop = useRef(0);

  const hold = useCallback((value: boolean): void => {
    holds.current = value;
    setAtEnd(value);
  }, []);

  const jump = useCallback((): void => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [scroller]);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (!element || !inner) return undefined;
    const onScroll = (): void => {
      const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
      if (distance <= nearEnd) hold(true);
      else if (element.scrollTop < lastTop.current - 1 && !holds.current) hold(false);
      lastTop.current = element.scrollTop;
    };
    const letGo = (event: Event): void => {
      const up =
        event instanceof WheelEvent
          ? event.deltaY < 0
          : event instanceof KeyboardEvent
            ? ['PageUp', 'ArrowUp', 'Home'].includes(event.key)
            : true;
      if (up && element.scrollHeight > element.clientHeight + nearEnd) hold(false);
    };
    const keep = new ResizeObserver(() => holds.current && jump());
    keep.observe(inner);
    keep.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', letGo, { passive: true });
    element.addEventListener('keydown', letGo);
    element.addEventListener('touchmove', letGo, { passive: true });
    element.addEventListener('pointerdown', onScrollbar, { passive: true });
    function onScrollbar(event: PointerEvent): void {
      if (element && event.offsetX > element.clientWidth) letGo(event);
    }
    jump();
    return () => {
      keep.disconnect();
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', letGo);
      element.removeEventListener('keydown', letGo);
      element.removeEventListener('touchmove', letGo);
      element.removeEventListener('pointerdown', onScrollbar);
    };
  }, [scroller, content, hold, jump]);

  const toEnd = useCallback((): void => {
    hold(true);
    jump();
    scroller.current?.focus();
  }, [hold, jump, scroller]);

  const release = useCallback((): void => hold(false), [hold]);
  return { atEnd, toEnd, release };
}
