import { useQuery } from '@tanstack/react-query';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { operatorApi } from '../../api/client.js';
import { type Account, accounts } from '../../api/queries.js';
import { Button } from '../../parts/button.js';
import { PagedList } from '../../parts/list/paged-list.js';
import { usePages } from '../../parts/list/pages.js';
import { Row, Rows } from '../../parts/list/rows.js';
import { Badge, Card } from '../../parts/surface.js';
import { OperatorPage } from '../operator-page.js';
import { PasswordLink } from './password-link.js';

/** The accounts of a portal, for each of which the operator can make a link that sets its password. */
export function OperatorAccounts({ portal }: { portal: string }) {
  const { t } = useTranslation();
  const pages = usePages();
  const [chosen, setChosen] = useState<Account | null>(null);
  return (
    <OperatorPage
      title={t('operator.accountsOf', { portal })}
      above={[
        { href: '/operator', label: t('operator.portals') },
        { href: `/operator/portals/${portal}`, label: portal },
      ]}
    >
      <Card>
        <p className="muted">{t('passwordLink.why')}</p>
        <PagedList
          pages={pages}
          found={useQuery(accounts(portal, pages.page, operatorApi))}
          itemsOf={(data) => data.accounts}
          nameOf={({ username }) => username}
          icon="users"
          words={{
            search: t('contributors.search'),
            none: t('contributors.none'),
            noneFound: t('contributors.noneFound', pages.page),
          }}
        >
          {(people) => <People people={people} onChoose={setChosen} />}
        </PagedList>
        {chosen && <PasswordLink portal={portal} person={chosen} onClose={() => setChosen(null)} />}
      </Card>
    </OperatorPage>
  );
}

interface Props {
  people: readonly Account[];
  onChoose: (person: Account) => void;
}

/** Apart from what is typed above it. */
const People = memo(function People({ people, onChoose }: Props) {
  const { t } = useTranslation();
  return (
    <Rows label={t('operator.accounts')}>
      {people.map((person) => (
        <Row
          key={person.id}
          name={person.username}
          badge={!person.hasPassword && <Badge>{t('account.noPassword')}</Badge>}
          lines={[[person.displayName ?? undefined, person.email ?? undefined, person.externalId]]}
          action={
            <Button
              aria-label={t('passwordLink.createFor', { username: person.username })}
              onPress={() => onChoose(person)}
            >
              {t('passwordLink.create')}
            </Button>
          }
        />
      ))}
    </Rows>
  );
});
