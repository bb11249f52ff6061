import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { codeOf } from '../../api/problem.js';
import { account, me } from '../../api/queries.js';
import { ButtonLink } from '../../parts/button.js';
import { Icon } from '../../parts/icon.js';
import { Loaded } from '../../parts/loaded.js';
import { Card, Notice, Page } from '../../parts/surface.js';
import { NotFound } from '../../shell/not-found.js';
import { Access } from './access.js';
import { DeleteAccount } from './delete-account.js';
import { EditAccount } from './edit-account.js';
import { Links } from './links.js';
import { TheirBrowsers } from './their-browsers.js';
import { TheirSessions } from './their-sessions.js';

export function Contributor({ portal, id }: { portal: string; id: string }) {
  const { t } = useTranslation();
  const found = useQuery(account(portal, id));
  const person = found.data;
  const own = useQuery(me).data?.id === id;
  const list = `/p/${portal}/contributors`;
  // also of an account whose page was there when somebody deleted it
  if (codeOf(found.error) === 'account-deleted') return <Deleted portal={portal} id={id} list={list} />;
  if (!person && codeOf(found.error) === 'not-found') return <NotFound home={list} />;
  return (
    <Page
      title={person ? (person.displayName ?? person.username) : t('contributors.one')}
      above={person && <Link href={list}>{t('contributors.title')}</Link>}
      action={person && <ActivityLink portal={portal} id={id} />}
    >
      {person ? (
        <>
          <Access portal={portal} person={person} />
          {!own && <Links portal={portal} person={person} />}
          <EditAccount portal={portal} person={person} />
          {!own && (
            <>
              <TheirBrowsers portal={portal} person={person} />
              <TheirSessions portal={portal} person={person} />
              <DeleteAccount portal={portal} person={person} list={list} />
            </>
          )}
        </>
      ) : (
        <Card>
          <Loaded of={found}>{() => null}</Loaded>
        </Card>
      )}
    </Page>
  );
}

/** What can still be seen of it: what happened, without a name. */
function Deleted({ portal, id, list }: { portal: string; id: string; list: string }) {
  const { t } = useTranslation();
  return (
    <Page title={t('contributors.deleted.title')} above={<Link href={list}>{t('contributors.title')}</Link>}>
      <Card>
        <Notice tone="warn" live>
          {t('contributors.deleted.what')}
        </Notice>
        <div className="row">
          <ButtonLink href={list}>{t('contributors.deleted.back')}</ButtonLink>
          <ActivityLink portal={portal} id={id} />
        </div>
      </Card>
    </Page>
  );
}

function ActivityLink({ portal, id }: { portal: string; id: string }) {
  const { t } = useTranslation();
  return (
    <ButtonLink href={`/p/${portal}/activity?account=${id}`}>
      <Icon name="activity" />
      {t('contributors.activity')}
    </ButtonLink>
  );
}
