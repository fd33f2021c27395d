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
    let pressed = false;
    const onScroll = (): void => {
      const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
      const up = element.scrollTop < lastTop.current - 1;
      lastTop.current = element.scrollTop;
      if (pressed && up) hold(false);
      else if (distance <= nearEnd && !holds.current) hold(true);
      // Rows that are measured late move the view without the reader having asked for it.
      else if (holds.current && distance > 1) jump();
    };
    const overflows = (): boolean => element.scrollHeight > element.clientHeight + nearEnd;
    const onWheel = (event: WheelEvent): void => {
      if (event.deltaY < 0 && overflows()) hold(false);
    };
    const onKey = (event: KeyboardEvent): void => {
      const up = ['PageUp', 'ArrowUp', 'Home'].includes(event.key) || (event.key === ' ' && event.shiftKey);
      if (up && event.target === element && overflows()) hold(false);
    };
    const onTouch = (): void => {
      if (overflows()) hold(false);
    };
    // Focus that moves to a row by keyboard takes the view along.
    const onFocus = (event: FocusEvent): void => {
      if (event.target !== element && event.target instanceof Element && event.target.matches(':focus-visible'))
        onTouch();
    };
    const onPress = (event: PointerEvent): void => {
      pressed = event.type === 'pointerdown';
    };
    const keep = new ResizeObserver(() => holds.current && jump());
    keep.observe(inner);
    keep.observe(element);
    const listeners = new AbortController();
    const { signal } = listeners;
    element.addEventListener('scroll', onScroll, { passive: true, signal });
    element.addEventListener('wheel', onWheel, { passive: true, signal });
    element.addEventListener('keydown', onKey, { signal });
    element.addEventListener('touchmove', onTouch, { passive: true, signal });
    element.addEventListener('focusin', onFocus, { signal });
    element.addEventListener('pointerdown', onPress, { passive: true, signal });
    window.addEventListener('pointerup', onPress, { passive: true, signal });
    jump();
    return () => {
      keep.disconnect();
      listeners.abort();
    };
  }, [scroller, content, hold, jump]);

  const toEnd = useCallback((): void => {
    hold(true);
    jump();
  }, [hold, jump]);

  const release = useCallback((): void => hold(false), [hold]);
  return { atEnd, toEnd, release };
}
