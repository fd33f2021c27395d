import { createRoot } from 'react-dom/client';
import { App } from '../src/app.tsx';
import { createHostClient } from '../src/host-client.ts';
import { startApp } from '../src/state/app-runtime.ts';
import { createFixtureBridge } from './fixture-bridge.ts';

startApp(createHostClient(createFixtureBridge(new URLSearchParams(location.search).get('scene') ?? 'default')));
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
