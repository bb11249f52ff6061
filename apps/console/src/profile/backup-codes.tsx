import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.js';
import { Icon } from '../parts/icon.js';
import { Notice } from '../parts/surface.js';
import style from './profile.module.css';

/** Shown this once. */
export function BackupCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <h3>{t('backup.title')}</h3>
      <p>{t('backup.what')}</p>
      <Notice tone="warn">
        <p>{t('backup.once')}</p>
      </Notice>
      <ol className={style.codes} aria-label={t('backup.title')}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="row">
        <Button onPress={() => save(codes, t('backup.file'))}>
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

function save(codes: readonly string[], name: string): void {
  const url = URL.createObjectURL(new Blob([codes.join('\n') + '\n'], { type: 'text/plain' }));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
