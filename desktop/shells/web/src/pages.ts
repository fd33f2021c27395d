/** The page for a browser that has not come by a launch link. Plain text in HTML; loads nothing. */
export function lockedPage(): string {
  return page(
    'This window is not connected',
    'Open Steward with the link that it printed when it started. A link works once; the next one stands in the file <code>run/launch-token</code> in Steward’s data folder.',
  );
}

/** The page while the app itself has not been built. */
export function notBuiltPage(): string {
  return page('The app has not been built', 'Run <code>npm run build</code>, then reload this page.');
}

function page(title: string, text: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Steward</title></head><body><main><h1>${title}</h1><p>${text}</p></main></body></html>`;
}
