import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.js';
import { linkOf } from '../parts/contact-link.js';
import { useTime } from '../parts/use-time.js';
import { Notice, Page } from '../parts/surface.js';
import { useFace } from '../shell/face.js';

interface Props {
  portal: string;
  /** When the lock ends by itself, ISO 8601; undefined: an administrator ends it. */
  until: string | undefined;
  onBack: () => void;
}

export function Locked({ portal, until, onBack }: Props) {
  const { t } = useTranslation();
  const time = useTime();
  const { supportContact } = useFace(portal);
  return (
    <Page boxed title={t('locked.title')}>
      <Notice tone="danger" live>
        {t('locked.why')}
      </Notice>
      <div className="stack-s">
        <h2>{t('locked.what')}</h2>
        {until && <p>{t('locked.until', { until: time(until) })}</p>}
        <p>{t('locked.ask')}</p>
        {supportContact && (
          <p>
            {t('locked.contact')} <Contact contact={supportContact} />
          </p>
        )}
        <p className="muted">{t('locked.after')}</p>
      </div>
      <Button onPress={onBack}>{t('locked.back')}</Button>
    </Page>
  );
}

/** As the portal's administrator wrote it: text, or the one link that it is. */
function Contact({ contact }: { contact: string }) {
  const link = linkOf(contact);
  return (
    <bdi style={{ overflowWrap: 'anywhere' }}>
      {link ? (
        <a href={link} target="_blank" rel="noopener noreferrer">
          {contact}
        </a>
      ) : (
        contact
      )}
    </bdi>
  );
}
