import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { serverNow } from '../api/server-clock.js';
import { useArrival } from '../parts/arrival.js';
import { Button } from '../parts/button.js';
import { Icon } from '../parts/icon.js';
import { Notice } from '../parts/surface.js';
import style from './profile.module.css';

/** Whose second factor it is. */
export interface Whose {
  readonly username: string;
  readonly portal: string;
}

interface Props {
  person: Whose;
  /** Null: they were replaced before they were saved. */
  codes: readonly string[] | null;
  after: 'enabling' | 'renewing';
  onDone: () => void;
}

/** Shown this once; on paper and in a file they say whose they are. */
export function BackupCodes({ person, codes, after, onDone }: Props) {
  const { t, i18n } = useTranslation();
  const heading = useArrival();
  const [madeAt] = useState(serverNow);

  if (!codes) {
    return (
      <>
        <Notice tone="warn" live>
          {t('backup.replaced')}
        </Notice>
        <div>
          <Button onPress={onDone}>{t('action.close')}</Button>
        </div>
      </>
    );
  }
  const time = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'long', timeStyle: 'short' });
  const whose = [
    [t('account.username'), person.username],
    [t('login.portal'), person.portal],
    [t('backup.made'), time.format(madeAt)],
  ] as const;
  return (
    <div className={`stack ${style.sheet}`}>
      <p className={style.onPaper}>Twinlock</p>
      <h3 ref={heading} tabIndex={-1}>
        {t('backup.title')}
      </h3>
      {after === 'enabling' && <p className={style.onScreen}>{t('twoFactor.enabledNow')}</p>}
      <dl className={style.whose}>
        {whose.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p>{t('backup.what')}</p>
      <div className={style.onScreen}>
        <Notice tone="warn">{t('backup.once')}</Notice>
      </div>
      <ol className={style.codes} aria-label={t('backup.title')}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className={`row ${style.onScreen}`}>
        <Button
          onPress={() => {
            const head = whose.map(([name, value]) => `${name}: ${value}`);
            const lines = [t('backup.heading'), '', ...head, '', t('backup.what'), '', ...codes, ''];
            save(lines.join('\n'), `${t('backup.file')}-${person.portal}.txt`);
          }}
        >
          <Icon name="download" />
          {t('backup.download')}
        </Button>
        <Button onPress={() => window.print()}>
          <Icon name="print" />
          {t('backup.print')}
        </Button>
        <Button look="primary" onPress={onDone}>
          {t('backup.done')}
        </Button>
      </div>
    </div>
  );
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
