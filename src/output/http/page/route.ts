import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { script } from './script.ts';
import { style } from './style.ts';

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>edge-cls</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header><h1>edge-cls</h1><p id="summary" role="status">Loading…</p></header>
<form id="login" hidden>
<label for="token">Token</label>
<input id="token" type="password" autocomplete="current-password" required>
<button>Show streams</button>
</form>
<main id="streams"></main>
<noscript>This page needs JavaScript; <code>GET /api/v1/streams</code> answers the same as JSON.</noscript>
<script>${script}</script>
</body>
</html>
`;

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing but the page's own style and script runs, and they reach nothing but this server. */
const policy = [
  "default-src 'none'",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The status page. It holds no data itself: it reads `/api/v1/streams` as its viewer. */
export function pageRoute(app: FastifyInstance): void {
  app.get('/', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policy)
      .header('referrer-policy', 'no-referrer')
      .send(html),
  );
}
