import type { Engine } from '#libs/engine/src/port.js';
import type { Config } from '../settings/config.js';
import { SettingError } from '../settings/setting-error.js';

/** Raised when events are recorded in a form that does not follow from the one before. 2: what is personal in them is sealed. */
const FORM = 2;

/** A log of before holds in plain what is to be sealed: to read it would be to keep it. @throws SettingError */
export async function refuseFormerLog(engine: Engine, { mongoUrl }: Pick<Config, 'mongoUrl'>): Promise<void> {
  const forms = engine.records<number>('log-form');
  // in this order: another instance may begin the log at this moment
  const isEmpty = (await engine.log.feed.read(0, 1)).length === 0;
  const form = await forms.get(['form']);
  if (form === FORM) return;
  if (form !== undefined || !isEmpty) {
    const setting = mongoUrl === undefined ? 'DATA_DIR' : 'MONGO_URL';
    throw new SettingError(setting, 'holds the events of another release, which this one does not read');
  }
  await forms.put(['form'], FORM);
}
