import { lazy, Suspense, useEffect } from 'react';
import { Toasts } from '../ui/toasts.tsx';
import { Broken, Mishap } from './mishap.tsx';
import { navigate, useRoute } from './router.ts';
import { Shell } from './shell.tsx';
import { useStore } from './store-context.ts';

const Door = lazy(() => import('./door/door.tsx'));

/** The door for whoever is not signed in, the desk for whoever is. */
export function App() {
  return (
    <Mishap fallback={<Broken />}>
      <Suspense fallback={null}>
        <Page />
      </Suspense>
      <Toasts />
    </Mishap>
  );
}

function Page() {
  const session = useStore((state) => state.session);
  const route = useRoute();
  const atDoor = ['sign-in', 'sign-up', 'forgot'].includes(route.name);
  const inside = session === 'signed-in';
  useEffect(() => {
    if (inside && atDoor) navigate({ name: 'inbox' }, { replace: true });
  }, [inside, atDoor]);
  if (route.name === 'reset') return <Door route={route} ended={false} />;
  if (session === 'unknown') return null;
  if (inside) return atDoor ? null : <Shell />;
  return <Door route={route} ended={session === 'ended-elsewhere'} />;
}
