import { useEffect } from 'react';

/** React Aria gives the focus back to what a dialog was opened from in the next frame or two. */
const PATIENCE_MS = 80;

/**
 * What has the focus may go away under it: a button that was used up, a row that is no more. Then the focus would fall to the
 * page, and who goes by keyboard or screen reader would be at its top again. It goes to the heading of the same section.
 */
export function useFocusKeeper(): void {
  useEffect(() => {
    /** What has the focus, or had it when it went away. */
    let last: Element | undefined;
    /** Around what last had it outside of dialogs, the nearest first. */
    let places: Element[] = [];
    let looking = 0;

    const isLost = () => document.activeElement === null || document.activeElement === document.body;
    const takeIn = ({ target }: FocusEvent) => {
      last = target as Element;
      const around = ancestorsOf(last, 'main section, main');
      if (around.length > 0) places = around;
    };
    const letGo = ({ target }: FocusEvent) => {
      // a click on nothing leaves the focus nowhere, as the person wants it
      setTimeout(() => {
        if (isLost() && last === target && isUsable(last)) last = undefined;
      });
    };
    const look = () => {
      looking = 0;
      if (!isLost() || last === undefined || isUsable(last)) return;
      const place = places.find((each) => each.isConnected && each.querySelector('h1, h2, h3'));
      const heading = place?.querySelector<HTMLElement>('h1, h2, h3');
      if (!heading) return;
      heading.tabIndex = -1;
      heading.focus();
    };
    const observer = new MutationObserver(() => {
      if (last === undefined || !isLost()) return;
      clearTimeout(looking);
      looking = window.setTimeout(look, PATIENCE_MS);
    });
    observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
    document.addEventListener('focusin', takeIn);
    document.addEventListener('focusout', letGo);
    return () => {
      clearTimeout(looking);
      observer.disconnect();
      document.removeEventListener('focusin', takeIn);
      document.removeEventListener('focusout', letGo);
    };
  }, []);
}

const isUsable = (element: Element): boolean => element.isConnected && !element.matches(':disabled');

function ancestorsOf(element: Element, selector: string): Element[] {
  const nearest = element.closest(selector);
  return nearest?.parentElement ? [nearest, ...ancestorsOf(nearest.parentElement, selector)] : [];
}
