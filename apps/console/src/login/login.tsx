import { useState } from 'react';
import { useSearch } from 'wouter';
import { useRested } from '../parts/use-rested.js';
import { Gate } from '../shell/gate.js';
import { lastPortal } from '../shell/places.js';
import { LoginSteps } from './login-steps.js';
import { useLoggedIn } from './use-logged-in.js';

export function Login() {
  const parameters = new URLSearchParams(useSearch());
  const [who, setWho] = useState({ portal: parameters.get('portal') ?? lastPortal(), username: '' });
  const portal = useRested(who.portal);
  const loggedIn = useLoggedIn();
  return (
    <Gate portal={portal}>
      <LoginSteps who={who} setWho={setWho} onLoggedIn={(news) => loggedIn(who.portal, news)} />
    </Gate>
  );
}
