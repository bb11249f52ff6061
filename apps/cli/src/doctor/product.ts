import { type OtherClock, ofDateHeader } from './clock.js';
import { failure, type Finding, warning, well } from './finding.js';

const CHECK = 'product';
const PATIENCE_MS = 5_000;

/** Whether it serves, and what its clock says. One that nobody named may be stopped. */
export async function productFindings(
  origin: URL,
  named: boolean,
): Promise<{ findings: Finding[]; clocks: OtherClock[]; serves: boolean }> {
  const asked = Date.now();
  try {
    const response = await fetch(new URL('/health/ready', origin), {
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answered = Date.now();
    const state = (await response.json().catch(() => ({}))) as { apps?: Record<string, string> };
    const date = response.headers.get('date');
    const clocks = date === null ? [] : [ofDateHeader(origin.origin, date, asked, answered)];
    return { findings: [readiness(origin, response.status, state.apps ?? {})], clocks, serves: true };
  } catch (error) {
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException };
    const says = `there is no answer from ${origin.origin} (${cause?.code ?? message})`;
    const finding = named
      ? failure(CHECK, says, 'Start it, or look at what stands before it.')
      : well(CHECK, `${says}: it is not running`);
    return { findings: [finding], clocks: [], serves: false };
  }
}

function readiness({ origin }: URL, status: number, apps: Readonly<Record<string, string>>): Finding {
  if (status === 200) return well(CHECK, `${origin} is ready`);
  if (status === 404)
    return warning(
      CHECK,
      `${origin} does not say whether it is ready`,
      'Ask it past its proxy, which should not expose /health.',
    );
  const not = Object.entries(apps).filter(([, state]) => state !== 'ok');
  const which = not.map(([app, state]) => `${app}: ${state}`).join(', ') || `the answer is ${status}`;
  return failure(
    CHECK,
    `${origin} is not ready (${which})`,
    'Its log says why; docs/operations.md says what each state means.',
  );
}
