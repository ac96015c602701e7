import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createNet } from './net/create-net.ts';
import { createBrowserPorts } from './platform/browser.ts';
import { createStore } from './store/create-store.ts';
import { App } from './views/app.tsx';
import { StoreContext } from './views/store-context.ts';
import { speakChosenLanguage } from './words/words.ts';
import './styles/all.css';

// Wires the net to the browser, the store to the net, and the page to the store.

const place = document.getElementById('root');
if (place === null) throw new Error('index.html has no #root.');

const ports = createBrowserPorts();
const store = createStore({ ...ports, net: (owner) => createNet(ports, owner) });
void store.start();
await speakChosenLanguage();

createRoot(place).render(
  <StrictMode>
    <StoreContext value={store}>
      <App />
    </StoreContext>
  </StrictMode>,
);
