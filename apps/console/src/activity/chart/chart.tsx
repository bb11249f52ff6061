import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import style from '../activity.module.css';
import { type Count, type Series, series } from './counts.js';

const colours = { logins: '--accent', failures: '--series-2', locks: '--danger' } as const;
const HEIGHT = 240;

/** Logins, failures and locks over time; the table beneath says the same. */
export default function Chart({ counts }: { counts: readonly Count[] }) {
  const { t, i18n } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const theme = useSyncExternalStore(subscribeToTheme, themeNow);

  useEffect(() => {
    const element = frame.current!;
    const colour = (name: string) => resolved(element, name);
    const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
    const step = intervalSeconds(counts);
    const short = new Intl.DateTimeFormat(i18n.language, formatFor(counts));
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false },
        scales: {
          x: { range: [counts[0]!.at / 1000, counts.at(-1)!.at / 1000 + step] },
          y: { range: (_, __, most) => [0, Math.max(4, most * 1.1)] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            space: 90,
            values: (_, times) => times.map((time) => short.format(time * 1000)),
          },
          { ...axis, size: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
        ],
        series: [
          {},
          ...series.map((name, place) => ({
            label: name,
            fill: forced.matches ? pattern(name, colour('--text')) : colour(colours[name]),
            paths: uPlot.paths.bars!({ disp: sideBySide(counts, step, place), radius: 0.15 }),
            points: { show: false },
          })),
        ],
      },
      [counts.map(({ at }) => at / 1000), ...series.map((name) => counts.map((count) => count[name]))],
      element,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [counts, theme, i18n.language]);

  return (
    <figure className="stack-s">
      <div ref={frame} className={style.chart} role="img" aria-label={t('activity.chartAlt')} />
      <figcaption className={style.legend}>
        {series.map((name) => (
          <span key={name}>
            <i className={style[name]} />
            {t(`activity.series.${name}`)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

const intervalSeconds = (counts: readonly Count[]) => (counts.length > 1 ? (counts[1]!.at - counts[0]!.at) / 1000 : 60);

/** The bars of an interval stand beside each other within it. */
function sideBySide(counts: readonly Count[], step: number, place: number): uPlot.Series.BarsPathBuilderDisplay {
  const share = 0.84 / series.length;
  return {
    x0: { unit: 1, values: () => counts.map(({ at }) => at / 1000 + step * (0.08 + share * place)) },
    size: { unit: 1, values: () => counts.map(() => step * share * 0.92) },
  };
}

function formatFor(counts: readonly Count[]): Intl.DateTimeFormatOptions {
  const span = counts.at(-1)!.at - counts[0]!.at;
  return span > 2 * 86_400_000 ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' };
}

/** Full, striped and dotted, as the legend shows them. */
function pattern(name: Series, ink: string): CanvasPattern {
  const tile = Object.assign(document.createElement('canvas'), { width: 6, height: 6 });
  const pen = tile.getContext('2d')!;
  pen.fillStyle = ink;
  if (name === 'logins') pen.fillRect(0, 0, 6, 6);
  if (name === 'failures') pen.fillRect(0, 0, 6, 3);
  if (name === 'locks') pen.fillRect(0, 0, 3, 3);
  return pen.createPattern(tile, 'repeat')!;
}

/** A canvas wants a colour, not a name of one. */
function resolved(element: HTMLElement, name: string): string {
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = '';
  return color;
}

const dark = window.matchMedia('(prefers-color-scheme: dark)');
/** The system gives all colours: what a colour tells otherwise is told by a pattern. */
const forced = window.matchMedia('(forced-colors: active)');
const themeNow = () => `${document.documentElement.dataset.theme ?? ''} ${dark.matches} ${forced.matches}`;

function subscribeToTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const asked = [dark, forced];
  asked.forEach((query) => query.addEventListener('change', changed));
  return () => {
    observer.disconnect();
    asked.forEach((query) => query.removeEventListener('change', changed));
  };
}
