import { type RefObject, useEffect, useRef } from 'react';

/**
 * For the heading of what a step of the person has brought, in place of what they pressed for it: it takes the focus and comes
 * to the top of the window, so that the next thing that is read out or seen is the first of what is new.
 */
export function useArrival(ownStep = true): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!ownStep) return;
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: 'start' });
  }, [ownStep]);
  return heading;
}
