/**
 * Opens the notification socket of systemd and starts the program with it. Node.js cannot
 * open one itself, and a helper's messages would not be those of the main process. Perl is on
 * every Debian and Ubuntu; `$^F` keeps the descriptor open over the exec, "@"
 * (\x40) is how an abstract address is written.
 */
const perl = `$^F = 255; (my $to = $ENV{NOTIFY_SOCKET}) =~ s/^\\x40/\\0/; my $s; socket($s, AF_UNIX, SOCK_DGRAM, 0) && connect($s, pack_sockaddr_un($to)) and $ENV{NOTIFY_FD} = fileno $s; exec { $ARGV[0] } @ARGV`;

/** The same for where there is Python and no Perl. */
const python = [
  'import os, socket, sys',
  'to = os.environ["NOTIFY_SOCKET"]',
  's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)',
  's.connect("\\0" + to[1:] if to[0] == "@" else to)',
  'os.set_inheritable(s.fileno(), True)',
  'os.environ["NOTIFY_FD"] = str(s.fileno())',
  'os.execv(sys.argv[1], sys.argv[1:])',
].join('; ');

/**
 * The program that the unit starts. `exec` keeps the process all the way: it is the main
 * process that systemd knows, so its notifications count.
 */
export function wrapper(node: string, entry: string): string {
  return `#!/bin/sh
set -- ${quoted(node)} --single-threaded-gc ${quoted(entry)} "$@"
if [ -n "$NOTIFY_SOCKET" ]; then
  if command -v perl >/dev/null; then exec perl -MSocket -e ${quoted(perl)} "$@"; fi
  if command -v python3 >/dev/null; then exec python3 -c ${quoted(python)} "$@"; fi
fi
exec "$@"
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
