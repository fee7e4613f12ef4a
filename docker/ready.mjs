// Exit code 0 when the daemon of this container is ready. Probes need no token.
const port = process.env.EDGE_CLS_HTTP_PORT ?? '9528';
try {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(8000) });
  console.log(await response.text());
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.log(error.cause?.code ?? error.message);
  process.exitCode = 1;
}
