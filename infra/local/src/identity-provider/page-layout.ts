const STYLES = `
:root{color-scheme:light dark;--ground:#f6f6f4;--surface:#fff;--text:#1d1f21;--muted:#5d6167;--line:#d9dbdd;--control:#868b92;--accent:#2f5fd0;--on-accent:#fff;--danger:#b3261e;--danger-ground:#fbeceb}
@media (prefers-color-scheme:dark){:root{--ground:#141517;--surface:#1d1f22;--text:#e9eaec;--muted:#a2a7ae;--line:#363a3f;--control:#757b83;--accent:#8fb0ff;--on-accent:#10182b;--danger:#ffb4ab;--danger-ground:#3a1f1d}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--ground);color:var(--text);font:14px/1.5 system-ui,sans-serif}
main{width:100%;max-width:360px;background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:28px}
.brand{margin:0;color:var(--muted);font-size:12px;letter-spacing:.04em}
h1{margin:2px 0 16px;font-size:20px;font-weight:600}
p{margin:0 0 12px}
label{display:block;margin:0 0 4px;font-weight:500}
input{appearance:none;width:100%;margin:0 0 16px;padding:9px 12px;border:1px solid var(--control);border-radius:8px;background:var(--ground);color:inherit;font:inherit}
button{appearance:none;width:100%;padding:10px 16px;border:1px solid transparent;border-radius:8px;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;cursor:pointer}
button.quiet{margin-top:8px;background:transparent;border-color:var(--control);color:inherit;font-weight:500}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.problem{margin:0 0 16px;padding:9px 12px;border-radius:8px;background:var(--danger-ground);color:var(--danger)}
.note{margin:20px 0 0;padding-top:16px;border-top:1px solid var(--line);color:var(--muted);font-size:13px}
dl{display:grid;grid-template-columns:auto 1fr;gap:2px 12px;margin:8px 0 0;font-size:13px;color:var(--muted)}
dt{color:var(--text)}dd{margin:0}
`;

/** Content security policy of every page: no scripts, own styles, forms only to loopback addresses. */
export const PAGE_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  // A browser applies form-action to the redirects that follow a form, which end at the desktop's loopback listener.
  "form-action 'self' http://127.0.0.1:* http://localhost:*",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Makes text safe inside HTML content and attribute values. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** Wraps trusted HTML in the common page; the title is escaped. */
export function renderPage(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Steward</title>
<style>${STYLES}</style>
</head>
<body>
<main>
<p class="brand">Steward</p>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</body>
</html>`;
}
