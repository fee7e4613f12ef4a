import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Camera, cameraMissing, cameraNote, rtspUrl } from '../rig/camera.ts';
import { makeElementaryStream } from '../rig/elementary-stream.ts';
import { FaultyNetwork } from '../rig/faulty-network.ts';
import { argumentsOf } from '../rig/processes.ts';
import { Program } from '../rig/program.ts';
import { temporaryDirectory } from '../support/videos.ts';

const login = { user: 'viewer', password: `p@ss/w'o"rd #%` };
const secret = /w'o|w%27o|p@ss|p%40ss/;
const within = { timeout: 120_000, interval: 100 };

describe.skipIf(cameraMissing !== undefined)(`a camera on the command line${cameraNote}`, () => {
  const directory = temporaryDirectory();
  let camera: Camera;
  let network: FaultyNetwork;
  beforeAll(async () => {
    const video = makeElementaryStream(join(directory.path, 'small.h264'), { size: '320x240', rate: 10 });
    camera = await Camera.start({ door: { video, rate: 10 }, radio: { audio: true } }, { login });
    network = await FaultyNetwork.start(() => camera.port);
  });
  afterAll(async () => {
    await network[Symbol.asyncDispose]();
    await camera[Symbol.asyncDispose]();
    directory.remove();
  });

  test('is classified with a password of any characters, which nobody sees', async () => {
    await using program = Program.run(rtspUrl(camera.port, 'door', login));
    await expect.poll(() => program.predictions().length, within).toBeGreaterThan(5);
    expect(program.predictions()[0]).toMatchObject({ native_width: 320, native_height: 240 });
    expect(
      program
        .decoders()
        .map(({ pid }) => argumentsOf(pid))
        .join(),
    ).not.toMatch(secret);
    const { code } = await program.stop('SIGINT');
    expect(code).toBe(0);
    expect(program.output).not.toMatch(secret);
  });

  test.each<[string, (port: number) => string, RegExp]>([
    ['a wrong password', (port) => rtspUrl(port, 'door', { user: 'viewer', password: 'no' }), /password was refused/],
    ['no such stream', (port) => rtspUrl(port, 'none', login), /no such stream/],
    ['sound only', (port) => rtspUrl(port, 'radio', login), /no video, only sound/],
  ])('%s is one sentence', async (_, url, sentence) => {
    await using program = Program.run(url(camera.port));
    const code = await program.exited();
    expect(code, program.output).toBe(2);
    expect(program.output).toMatch(sentence);
    expect(program.output).not.toMatch(secret);
  });

  test.each([
    ['busy', /serves no more connections/],
    ['refuse', /gives no frames/],
    ['garbage', /does not speak as a camera does|must give a frame within 15 s/],
    ['black hole', /must answer within 15 s/],
  ] as const)('a network that does %s is one sentence', async (mode, sentence) => {
    network.mode = mode;
    await using program = Program.run(rtspUrl(network.port, 'door', login));
    const code = await program.exited();
    expect(code, program.output).toBe(1);
    expect(program.output).toMatch(sentence);
    expect(program.output).not.toMatch(secret);
  });
});
