import { useState } from 'react';
import { Info } from '../../ui/icons.ts';
import { useWords } from '../../words/words.ts';
import type { Route } from '../router.ts';
import { ForgotForm } from './forgot-form.tsx';
import { ResetForm } from './reset-form.tsx';
import { SignInForm } from './sign-in-form.tsx';
import { SignUpForm } from './sign-up-form.tsx';
import { TotpForm } from './totp-form.tsx';

/** Everything before the desk: sign in, create an account, second factor, new password. */
export default function Door({ route, ended }: { route: Route; ended: boolean }) {
  const { t } = useWords();
  const [wantsCode, setWantsCode] = useState(false);
  return (
    <main className="door">
      <div className="door-card">
        <p className="door-name">
          <img src="/icon.svg" alt="" width="40" height="40" />
          {t('app.name')}
        </p>
        {ended && !wantsCode && route.name !== 'reset' ? (
          <p className="notice" role="status">
            <Info aria-hidden="true" />
            <span>{t('door.ended')}</span>
          </p>
        ) : null}
        {wantsCode ? (
          <TotpForm onBack={() => setWantsCode(false)} />
        ) : (
          <DoorForm route={route} onTotp={() => setWantsCode(true)} />
        )}
      </div>
      <p className="door-promise">{t('app.promise')}</p>
    </main>
  );
}

function DoorForm({ route, onTotp }: { route: Route; onTotp: () => void }) {
  if (route.name === 'reset') return <ResetForm token={route.token} />;
  if (route.name === 'sign-up') return <SignUpForm />;
  if (route.name === 'forgot') return <ForgotForm />;
  return <SignInForm onTotp={onTotp} />;
}
