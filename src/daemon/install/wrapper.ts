/**
 * The program that the unit starts. `exec` keeps the process: it is the main process that
 * systemd knows, so its notifications count. Runs the daemon as if it were Node.js itself.
 */
export function wrapper(node: string, entry: string): string {
  return `#!/bin/sh\nexec ${quoted(node)} ${quoted(entry)} "$@"\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
