#!/usr/bin/python3
"""A camera for tests: serves H.264 files over RTSP without end, with GStreamer's server.

  camera.py PORT [USER PASSWORD]

Prints its port as its first line. Commands are JSON lines on standard input:
  {"mount": "door", "video": "a.h264", "rate": 5}  serves the file at rtsp://127.0.0.1:PORT/door
  {"mount": "door", "video": "b.h264"}             the running stream goes on with this file
  {"mount": "door", "rate": 500}                   and at so many frames a second
  {"mount": "door", "audio": true}                 sound only, for the next client
A file is an Annex B stream whose access units begin with a delimiter (x264: aud=1), parameter sets
before every key frame (repeat-headers=1). Ends with its standard input.
"""
import json
import re
import sys

import gi

gi.require_version('Gst', '1.0')
gi.require_version('GstRtspServer', '1.0')
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

VIDEO = (
    'appsrc name=source is-live=true do-timestamp=true format=time block=false '
    'caps=video/x-h264,stream-format=byte-stream,alignment=au ! h264parse ! '
    'rtph264pay name=pay0 pt=96 config-interval=-1'
)
AUDIO = 'audiotestsrc is-live=true ! audioconvert ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay0 pt=8'


def access_units(path):
    with open(path, 'rb') as file:
        data = file.read()
    starts = [match.start() for match in re.finditer(b'\0\0\0\1\x09', data)] + [len(data)]
    return [data[a:b] for a, b in zip(starts, starts[1:])]


class Mount:
    """Every client has a pipeline of its own: one that is shared may be torn down under those who join as the last one leaves."""

    def __init__(self, server, name):
        self.units, self.rate = [], 25
        self.clients = {}
        self.factory = GstRtspServer.RTSPMediaFactory()
        self.factory.set_launch('( ' + VIDEO + ' )')
        self.factory.connect('media-configure', self.configured)
        if server.password:
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role('viewer', 'media.factory.access', True)
            permissions.add_permission_for_role('viewer', 'media.factory.construct', True)
            self.factory.set_permissions(permissions)
        server.get_mount_points().add_factory('/' + name, self.factory)

    def change(self, command):
        if 'video' in command:
            self.units = access_units(command['video'])
            self.factory.set_launch('( ' + VIDEO + ' )')
        if 'rate' in command:
            self.rate = command['rate']
        if command.get('audio'):
            self.factory.set_launch('( ' + AUDIO + ' )')
        for client in self.clients.values():
            client.start()

    def configured(self, _factory, media):
        source = media.get_element().get_by_name('source')
        if source:
            media.connect('unprepared', self.unprepared)
            self.clients[media] = Client(self, source)

    def unprepared(self, media):
        client = self.clients.pop(media, None)
        if client:
            client.stop()


class Client:
    """Its frames come at times of its own: cameras do not keep step."""

    def __init__(self, mount, source):
        self.mount, self.source, self.timer = mount, source, 0
        self.start()

    def start(self):
        self.stop()
        self.units, self.next = self.mount.units, 0
        # Several at a time where the clock is too coarse for the rate.
        rate = self.mount.rate
        burst = max(1, round(rate / 250))
        self.timer = GLib.timeout_add(max(1, round(1000 * burst / rate)), self.push, burst)

    def stop(self):
        if self.timer:
            GLib.source_remove(self.timer)
        self.timer = 0

    def push(self, burst):
        for _ in range(burst):
            self.source.emit('push-buffer', Gst.Buffer.new_wrapped(self.units[self.next]))
            self.next = (self.next + 1) % len(self.units)
        return GLib.SOURCE_CONTINUE


class Camera(GstRtspServer.RTSPServer):
    def __init__(self, port, user=None, password=None):
        super().__init__()
        self.password, self.mounts = password, {}
        self.set_address('127.0.0.1')
        self.set_service(port)
        if password:
            auth = GstRtspServer.RTSPAuth()
            token = GstRtspServer.RTSPToken()
            token.set_string('media.factory.role', 'viewer')
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
            self.set_auth(auth)

    def command(self, line):
        command = json.loads(line)
        name = command['mount']
        if name not in self.mounts:
            self.mounts[name] = Mount(self, name)
        self.mounts[name].change(command)
        print(json.dumps(command), flush=True)


def main():
    Gst.init(None)
    loop = GLib.MainLoop()
    camera = Camera(*sys.argv[1:])
    if not camera.attach(None):
        sys.exit('the port ' + sys.argv[1] + ' cannot be listened on')

    def readable(channel, _condition):
        line = channel.readline()
        if line:
            camera.command(line)
        else:
            loop.quit()
        return bool(line)

    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, readable)
    print(camera.get_bound_port(), flush=True)
    loop.run()


main()
