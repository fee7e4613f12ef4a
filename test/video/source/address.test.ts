import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodedAddress, parseAddress } from '../../../src/video/source/address.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { hostOfSource, parseSource } from '../../../src/video/source/source-spec.ts';
import { ffmpeg } from '../support.ts';

/** What may stand in an address, without what is percent-encoded already. */
const password = fc.stringMatching(/^[!#-;=?-~]{1,20}$/).filter((text) => !/%[0-9a-f]{2}/i.test(text));
const host = fc.constantFrom('10.0.4.53', '10.0.4.53:554', 'cam', 'cam.example:8554', '[::1]', '[fe80::1]:554');
const rest = fc.constantFrom('', '/', '/Streaming/Channels/101', '/cam/realmonitor?channel=1&subtype=0');

test('every password is the whole password, or the address is refused', () => {
  let refused = 0;
  fc.assert(
    fc.property(password, host, rest, (secret, at, path) => {
      const url = `rtsp://admin:${secret}@${at}${path}`;
      const address = parseAddress(url);
      if (address === undefined) {
        refused++;
        expect(secret).toMatch(/@.*[/?]|^\d+[/?]/);
        expect(() => parseSource(url)).toThrow(/write the one that is no end of a password as %40/);
        return;
      }
      expect(address).toEqual({ scheme: 'rtsp', login: `admin:${secret}`, host: at, rest: path });
      expect(hostOfSource(url)).toBe(at);
      const [, login = '', behind] = /^rtsp:\/\/([^/?#@]*)@(.*)$/.exec(encodedAddress(url)) ?? [];
      expect(decodeURIComponent(login)).toBe(`admin:${secret}`);
      expect(behind).toBe(at + path);
    }),
    { numRuns: 2000 },
  );
  expect(refused).toBeLessThan(400);
});

test.each([
  ['rtsp://10.0.4.53/cam@1', undefined, '10.0.4.53'],
  ['rtsp://10.0.4.53:554/cam@1', undefined, '10.0.4.53:554'],
  ['http://cam/video?user=a@b', undefined, 'cam'],
  ['rtsp://u:p@cam/1', 'u:p', 'cam'],
  ['rtsp://u:p%2F1@cam/1', 'u:p%2F1', 'cam'],
  ['rtsp://admin:pa/ss@10.0.4.53/1', 'admin:pa/ss', '10.0.4.53'],
  ['rtsp://u:a@b#c@[::1]/1', 'u:a@b#c', '[::1]'],
  ['rtsp://admin:/@=#@10.0.4.53/1', 'admin:/@=#', '10.0.4.53'],
])('%s has the login %s and the host %s', (url, login, at) => {
  expect(parseAddress(url)).toMatchObject({ login, host: at });
});

test.each(['rtsp://u:p@a/b@cam/1', 'rtsp://admin:12345/6@cam/1', 'rtsp://u:a/b@c/d@cam'])('%s is refused', (url) => {
  expect(parseAddress(url)).toBeUndefined();
});

describe.each(['rtsp', 'http'] as const)('a server of %s', (scheme) => {
  const [version, basic] = scheme === 'rtsp' ? ['RTSP/1.0', 'RTSP/1.0 401'] : ['HTTP/1.1', 'HTTP/1.1 401'];

  test('gets the password that was written', { timeout: 60_000 }, async () => {
    const logins: string[] = [];
    const server = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .on('data', (bytes) => {
          const request = bytes.toString('latin1');
          const sent = /^Authorization: Basic (\S+)/im.exec(request)?.[1];
          if (sent !== undefined) logins.push(Buffer.from(sent, 'base64').toString('latin1'));
          const sequence = /^CSeq: *(\d+)/im.exec(request)?.[1] ?? '0';
          const status = sent === undefined ? basic : `${version} 404`;
          socket.write(
            `${status} No\r\nCSeq: ${sequence}\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n`,
          );
          if (sent !== undefined) socket.end();
        });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const ask = async (secret: string) => {
      logins.length = 0;
      const spec = parseSource(`${scheme}://admin:${secret}@127.0.0.1:${port}/x`);
      await expect(probe(spec, ffmpeg)).rejects.toMatchObject({ reason: 'not_found' });
      expect(new Set(logins)).toEqual(new Set([`admin:${secret}`]));
    };
    for (const secret of ['a/b', 'a#b', 'a?b', 'a@b', "it's:5%", '#/']) await ask(secret);
    const accepted = password.filter((secret) => parseAddress(`rtsp://admin:${secret}@127.0.0.1:1/x`) !== undefined);
    await fc.assert(fc.asyncProperty(accepted, ask), { numRuns: 8 });
    server.close();
  });
});
