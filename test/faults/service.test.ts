import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Camera, cameraMissing, cameraNote, rtspUrl, type Served } from '../rig/camera.ts';
import { makeElementaryStream } from '../rig/elementary-stream.ts';
import { FaultyNetwork } from '../rig/faulty-network.ts';
import { corruptPayloads, shiftTimestamps } from '../rig/interleaved.ts';
import { argumentsOf, isAlive } from '../rig/processes.ts';
import { Program } from '../rig/program.ts';
import { temporaryDirectory } from '../support/videos.ts';

const login = { user: 'viewer', password: 'p@ss/w0rd' };
const secret = /p@ss|p%40ss/;
const within = { timeout: 90_000, interval: 200 };
const rate = 5;

/** One daemon, a camera of many streams, and in front of each stream a network of its own to fail. */
const names = ['steady', 'absent', 'hole', 'door', 'size', 'noise', 'clock', 'radio', 'flood', 'child'] as const;
type Name = (typeof names)[number];

describe.skipIf(cameraMissing !== undefined)(`a service with ${names.length} cameras${cameraNote}`, () => {
  const directory = temporaryDirectory();
  const networks = {} as Record<Name, FaultyNetwork>;
  let camera: Camera;
  let service: Program;
  let small: Served;
  let large: Served;

  beforeAll(async () => {
    small = { rate, video: makeElementaryStream(join(directory.path, 'small.h264'), { size: '320x240', rate }) };
    large = { rate, video: makeElementaryStream(join(directory.path, 'large.h264'), { size: '640x480', rate }) };
    camera = await Camera.start(Object.fromEntries(names.map((name) => [name, small])), { login });
    for (const name of names) networks[name] = await FaultyNetwork.start(() => camera.port);
    networks.absent.mode = 'refuse';
    service = await Program.service(configuration(names), { EDGE_CLS_CREDENTIAL_CAMERA: login.password });
    await service.untilReady();
  }, 120_000);
  beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(service.output.slice(-4000))));
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    for (const network of Object.values(networks)) await network[Symbol.asyncDispose]();
    await camera[Symbol.asyncDispose]();
    directory.remove();
  });

  const configuration = (wanted: readonly (Name | 'new')[]) => ({
    reconnect: { first_delay_seconds: 0.5, longest_delay_seconds: 6 },
    stream_defaults: { stall_seconds: 2 },
    streams: wanted.map((name) => ({
      name,
      source: `rtsp://viewer:\${credential:camera}@127.0.0.1:${networks[name === 'new' ? 'steady' : name].port}/${name}`,
    })),
  });
  const state = async (name: Name) => (await service.get<{ state: string }>(`/api/v1/streams/${name}`)).state;
  const goesLive = (name: Name) => expect.poll(() => state(name), within).toBe('live');
  const failures = (name: Name, reason: string) =>
    service.metric('edge_cls_connect_failures_total', { stream: name, reason });
  /** Frames of the stream are decided from now on. */
  const isDecided = async (name: Name | 'new', frames = 5) => {
    const before = service.predictions(name).length;
    await expect.poll(() => service.predictions(name).length, within).toBeGreaterThan(before + frames);
  };

  test('is ready while a camera is absent, tries again, and has it when it comes', async () => {
    expect(await state('absent')).not.toBe('live');
    await expect
      .poll(() => service.metric('edge_cls_connect_attempts_total', { stream: 'absent' }), within)
      .toBeGreaterThan(2);
    networks.absent.mode = 'forward';
    await isDecided('absent');
    expect(await state('absent')).toBe('live');
  });

  test('a camera behind a black hole is stalled and connected anew; the others do not notice', async () => {
    await goesLive('hole');
    await goesLive('steady');
    networks.hole.mode = 'black hole';
    const stalls = () => service.metric('edge_cls_decoder_restarts_total', { stream: 'hole', reason: 'stalled' });
    await expect.poll(stalls, within).toBeGreaterThan(0);
    await isDecided('steady');
    expect(await state('hole')).not.toBe('live');
    networks.hole.mode = 'forward';
    await isDecided('hole');
  });

  test('a camera that refuses the password after it was live is not hammered', async () => {
    await goesLive('door');
    networks.door.mode = 'unauthorized';
    networks.door.cut();
    const refused = async () => (await failures('door', 'auth')) + (await failures('door', 'busy'));
    await expect.poll(refused, within).toBeGreaterThan(0);
    const connections = networks.door.connections;
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(networks.door.connections - connections).toBeLessThanOrEqual(2);
    networks.door.mode = 'forward';
    expect(await service.post('/api/v1/streams/door/restart')).toBe(200);
    await isDecided('door');
  });

  test('a camera that changes its resolution and back is classified at each, and at no other', async () => {
    await isDecided('size');
    const changes = () => service.metric('edge_cls_resolution_changes_total', { stream: 'size' });
    for (const [served, width, count] of [
      [large, 640, 1],
      [small, 320, 2],
    ] as const) {
      await camera.serve('size', served);
      await expect.poll(() => service.predictions('size').at(-1)?.native_width, within).toBe(width);
      expect(await changes()).toBe(count);
      expect(await service.metric('edge_cls_stream_width_pixels', { stream: 'size' })).toBe(width);
      await isDecided('size');
    }
    const widths = service.predictions('size').map(({ native_width: width }) => width);
    expect(widths.filter((width, i) => width !== widths[i - 1])).toEqual([320, 640, 320]);
  });

  test('damaged packets are dropped and counted, and the stream goes on when they end', async () => {
    await goesLive('noise');
    networks.noise.edit = corruptPayloads(3);
    const damaged = () => service.metric('edge_cls_frames_dropped_total', { stream: 'noise', reason: 'decode_error' });
    await expect.poll(damaged, within).toBeGreaterThan(0);
    networks.noise.edit = undefined;
    await isDecided('noise');
  });

  test('pure noise instead of answers is a failed connection', async () => {
    networks.noise.mode = 'garbage';
    networks.noise.cut();
    await expect.poll(() => state('noise'), within).not.toBe('live');
    networks.noise.mode = 'forward';
    await isDecided('noise');
  });

  test('time stamps that jump back by an hour do not end the stream, and frames do not grow old', async () => {
    await goesLive('clock');
    const restarts = await service.metric('edge_cls_decoder_restarts_total', { stream: 'clock' });
    networks.clock.edit = shiftTimestamps(-3600);
    await isDecided('clock', 15);
    expect(await service.metric('edge_cls_decoder_restarts_total', { stream: 'clock' })).toBe(restarts);
    const ages = service.predictions('clock').map(({ age_seconds: age }) => age ?? Infinity);
    expect(Math.max(...ages.slice(-10))).toBeLessThan(2);
  });

  test('a camera that comes back with sound only is not live, until it has a picture again', async () => {
    await goesLive('radio');
    await camera.serve('radio', { audio: true });
    networks.radio.cut();
    await expect.poll(() => failures('radio', 'codec'), within).toBeGreaterThan(0);
    expect(await state('radio')).not.toBe('live');
    await camera.serve('radio', small);
    await isDecided('radio');
  });

  test('a flood from one camera is cut, and the others keep their share', async () => {
    await goesLive('flood');
    await camera.serve('flood', { rate: 500 });
    const cut = async () =>
      (await service.metric('edge_cls_frames_dropped_total', { stream: 'flood', reason: 'rate_limit' })) +
      (await service.metric('edge_cls_frames_dropped_total', { stream: 'flood', reason: 'stale' })) +
      (await service.metric('edge_cls_frames_dropped_total', { stream: 'flood', reason: 'backpressure' }));
    await expect.poll(cut, within).toBeGreaterThan(50);
    await isDecided('steady', 10);
    await camera.serve('flood', { rate });
    await isDecided('flood');
  });

  test('a decoder that is killed is reaped and replaced', async () => {
    await goesLive('child');
    const mine = () => service.decoders().filter(({ pid }) => !argumentsOf(pid).includes('null'));
    const before = mine().map(({ pid }) => pid);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await isDecided('child');
    expect(before.filter(isAlive)).toEqual([]);
    await expect.poll(() => service.decoders().filter(({ state: letter }) => letter === 'Z'), within).toEqual([]);
  });

  test('the whole camera is killed and comes back on its port: every stream is live again', async () => {
    const { port } = camera;
    await camera.kill();
    await expect.poll(() => state('steady'), within).not.toBe('live');
    camera = await Camera.start(Object.fromEntries(names.map((name) => [name, small])), { login, port });
    for (const name of names) await isDecided(name, 1);
  });

  test('reloads at the same time come one after another; a bad one changes nothing', async () => {
    const attempts = () => service.metric('edge_cls_connect_attempts_total', { stream: 'steady' });
    const [before, { pid }] = [await attempts(), service];
    await camera.serve('new', small);
    service.configure(configuration([...names, 'new']));
    service.signal('SIGHUP');
    const answers = await Promise.all([1, 2, 3].map(() => service.post('/api/v1/reload')));
    expect(answers).toEqual([200, 200, 200]);
    await expect.poll(() => service.predictions('new').length, within).toBeGreaterThan(2);
    service.configure({ streams: [{ name: 'steady' }] });
    expect(await service.post('/api/v1/reload')).toBe(422);
    service.signal('SIGHUP');
    await isDecided('new');
    service.configure(configuration(names));
    expect(await service.post('/api/v1/reload')).toBe(200);
    await expect.poll(() => service.status('/api/v1/streams/new'), within).toBe(404);
    await isDecided('steady');
    expect([await attempts(), service.pid]).toEqual([before, pid]);
  });

  test('every frame that was received was classified, dropped for a reason, or is under way', async () => {
    const samples = await service.metrics();
    const sum = (name: Name, metric: string) =>
      samples
        .filter((each) => each.name === metric && each.labels['stream'] === name)
        .reduce((all, { value }) => all + value, 0);
    for (const name of names) {
      const under =
        sum(name, 'edge_cls_frames_received_total') -
        sum(name, 'edge_cls_frames_classified_total') -
        sum(name, 'edge_cls_frames_dropped_total');
      expect(under, name).toBeGreaterThanOrEqual(0);
      expect(under, name).toBeLessThanOrEqual(4);
    }
  });

  test('no password in log, metrics, interface, events or arguments', async () => {
    const metrics = JSON.stringify(await service.metrics());
    const streams = JSON.stringify(await service.get('/api/v1/streams'));
    const shown = service
      .decoders()
      .map(({ pid }) => argumentsOf(pid))
      .join();
    for (const text of [service.output, metrics, streams, JSON.stringify(service.events()), shown]) {
      expect(text).not.toMatch(secret);
    }
  });

  test('ends within 3 s with streams in all states, and leaves no decoder behind', async () => {
    networks.hole.mode = 'black hole';
    networks.absent.mode = 'refuse';
    networks.absent.cut();
    networks.door.mode = 'unauthorized';
    networks.door.cut();
    expect(await service.post('/api/v1/streams/child/pause')).toBe(200);
    const decoders = service.decoders().map(({ pid }) => pid);
    const { code, seconds } = await service.stop();
    expect(code).toBe(0);
    expect(seconds).toBeLessThan(3);
    expect(decoders.filter(isAlive)).toEqual([]);
  });
});

describe.skipIf(cameraMissing !== undefined)(`a service that is killed${cameraNote}`, () => {
  test('leaves no decoder behind, neither of a lively camera nor of a silent one', async () => {
    using directory = temporaryDirectory();
    const video = makeElementaryStream(join(directory.path, 'small.h264'), { size: '320x240', rate });
    await using camera = await Camera.start({ door: { video, rate } });
    await using network = await FaultyNetwork.start(() => camera.port);
    await using service = await Program.service({
      streams: [
        { name: 'lively', source: rtspUrl(camera.port, 'door') },
        { name: 'silent', source: rtspUrl(network.port, 'door'), stall_seconds: 600 },
      ],
    });
    await expect.poll(() => service.predictions('lively').length, within).toBeGreaterThan(1);
    await expect.poll(() => service.predictions('silent').length, within).toBeGreaterThan(1);
    network.mode = 'black hole';
    const decoders = service.decoders().map(({ pid }) => pid);
    expect(decoders).toHaveLength(2);
    await service.stop('SIGKILL');
    await expect.poll(() => decoders.filter(isAlive), { timeout: 30_000, interval: 100 }).toEqual([]);
  });
});
