import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createHostClient, shellBridge } from './host-client.ts';
import { startApp } from './state/app-runtime.ts';
import { applyStoredAppearance } from './state/appearance.ts';

applyStoredAppearance();
startApp(createHostClient(shellBridge()));
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
