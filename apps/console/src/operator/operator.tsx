import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Route, Switch } from 'wouter';
import { operatorSession, whenSessionEnds } from '../api/client.js';
import { useAction } from '../parts/overlays/action.js';
import { tell } from '../parts/overlays/toast.js';
import { Gate } from '../shell/gate.js';
import { NotFound } from '../shell/not-found.js';
import { InstallationPage } from './installation/installation.js';
import { Leaving } from './operator-page.js';
import { OperatorAccounts } from './portal/accounts.js';
import { OperatorPortal } from './portal/portal.js';
import { OperatorClients } from './portal/clients.js';
import { Portals } from './portals.js';
import { Token } from './token.js';

/** Who runs the installation: portals, their add-ons, who may do what in them, and how all of it is. Asks for the token when a call wants it. */
export function Operator() {
  const { t } = useTranslation();
  const { run } = useAction();
  const queries = useQueryClient();
  const [isIn, setIn] = useState(true);
  useEffect(() => whenSessionEnds(() => setIn(false)), []);
  const become = (now: boolean) => {
    queries.clear();
    setIn(now);
  };
  const leave = () =>
    run('leave', async () => {
      await operatorSession.end();
      become(false);
      tell(t('operator.left'));
    });

  if (!isIn) {
    return (
      <Gate>
        <Token onDone={() => become(true)} />
      </Gate>
    );
  }
  return (
    <Gate wide>
      <Leaving value={leave}>
        <Switch>
          <Route path="/operator">
            <Portals />
          </Route>
          <Route path="/operator/installation">
            <InstallationPage />
          </Route>
          <Route path="/operator/portals/:portal">
            {({ portal }) => <OperatorPortal key={portal} portal={portal} />}
          </Route>
          <Route path="/operator/portals/:portal/accounts">
            {({ portal }) => <OperatorAccounts key={portal} portal={portal} />}
          </Route>
          <Route path="/operator/portals/:portal/clients">
            {({ portal }) => <OperatorClients key={portal} portal={portal} />}
          </Route>
          <Route>
            <NotFound home="/operator" />
          </Route>
        </Switch>
      </Leaving>
    </Gate>
  );
}
