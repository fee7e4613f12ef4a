import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { defaults } from '../../src/config/defaults.ts';
import { loadConfig, resolveConfig } from '../../src/config/load.ts';
import { ConfigurationError } from '../../src/domain/errors.ts';

const shipped = new URL('../../config/edge-cls.yaml', import.meta.url);
const fromText = (text: string, env = {}) => resolveConfig({ file: { path: 'x.yaml', text }, env });

function failure(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

describe('the shipped file', () => {
  it('should have every key, with its default', async () => {
    expect(parse(await readFile(shipped, 'utf8'))).toEqual(defaults);
  });

  it('should load, and so should its example stream', async () => {
    const text = await readFile(shipped, 'utf8');
    expect(fromText(text)).toEqual(defaults);
    const example = text
      .slice(text.indexOf('#   - name: door'))
      .replace(/^# {2}/gm, '')
      .replace('streams: []', '');
    const { streams } = fromText(`streams:\n${example}`, { EDGE_CLS_CREDENTIAL_DOOR: 'secret' });
    expect(streams).toMatchObject([
      { name: 'door', source: 'rtsp://viewer:secret@192.168.1.20/stream1', bundle: defaults.stream_defaults.bundle },
    ]);
  });
});

describe('layers', () => {
  it('should put file over defaults, environment over file, command line over all', () => {
    const file = { path: 'x.yaml', text: 'batch: {size: 2, in_flight: 3}\nthreads: 5\nlog:\n' };
    const env = { EDGE_CLS_BATCH_SIZE: '4', EDGE_CLS_THREADS: '6', EDGE_CLS_LOG_LEVEL: 'debug', PATH: '/bin' };
    const config = resolveConfig({ file, env, overrides: { threads: 7 } });
    expect(config.batch).toEqual({ size: 4, in_flight: 3, max_wait_seconds: 0 });
    expect(config.threads).toBe(7);
    expect(config.log).toEqual({ level: 'debug', format: 'auto' });
  });

  it('should complete streams from stream_defaults, sections key by key, groups and labels whole', () => {
    const { streams } = fromText(`
stream_defaults: {frames_per_second: 5, groups: {cup: [cup]}, thresholds: {min_on_seconds: 2}}
streams:
  - {name: a, source: a.mp4}
  - {name: b, source: b.mp4, frames_per_second: null, groups: {bottle: [beer bottle]}, thresholds: {min_off_seconds: 3}}
`);
    expect(streams[0]).toMatchObject({ frames_per_second: 5, groups: { cup: ['cup'] } });
    expect(streams[1]).toMatchObject({
      frames_per_second: null,
      thresholds: { min_on_seconds: 2, min_off_seconds: 3 },
    });
    expect(streams[1]?.groups).toEqual({ bottle: ['beer bottle'] });
  });

  it('should read lists and null from the environment, and take an empty variable for none', () => {
    const env = {
      EDGE_CLS_STREAM_DEFAULTS_LABELS: '[cup, mug]',
      EDGE_CLS_HTTP_HOST: '',
      EDGE_CLS_FFMPEG: '/usr/bin/ffmpeg',
    };
    const config = resolveConfig({ env });
    expect(config.stream_defaults.labels).toEqual(['cup', 'mug']);
    expect(config.http.host).toBe('127.0.0.1');
  });

  it('should leave the defaults as they were', () => {
    const before = structuredClone(defaults);
    fromText('batch: {size: 3}\nstreams: [{name: a, source: b, groups: {x: [y]}}]');
    expect(defaults).toEqual(before);
  });
});

describe('sinks', () => {
  const sink = { type: 'json_lines', name: 'json_lines', path: 'a', every_frame: false };
  const resolved = (text: string, env = {}, output = {}) => {
    const notices: string[] = [];
    const onNotice = (sentence: string) => notices.push(sentence);
    const overrides = Object.keys(output).length > 0 ? { output } : {};
    const config = resolveConfig({ file: { path: 'x.yaml', text }, env, overrides, onNotice });
    return { sinks: config.sinks, output: config.output, notices };
  };
  const { output } = defaults;

  it('should be a list, each with a name', () => {
    expect(
      resolved('sinks: [{type: json_lines, path: a}, {type: json_lines, name: b, path: "-", every_frame: true}]'),
    ).toEqual({
      sinks: [sink, { ...sink, name: 'b', path: '-', every_frame: true }],
      output,
      notices: [],
    });
  });

  it('should still be read from the keys of earlier versions, with a word on what to write', () => {
    expect(resolved('output: {events_file: a, every_frame: true, status_interval_seconds: 3}')).toEqual({
      sinks: [{ ...sink, every_frame: true }],
      output: { status_interval_seconds: 3 },
      notices: [
        'x.yaml: output.every_frame is still read, but is now a key of each sink: write it there',
        'x.yaml: output.events_file is still read, but has become sinks: write sinks: [ { type: json_lines, path: a } ]',
      ],
    });
    expect(resolved('sinks: [{type: json_lines, path: b}]', { EDGE_CLS_OUTPUT_EVENTS_FILE: 'a' })).toEqual({
      sinks: [sink],
      output,
      notices: [
        'environment: output.events_file is still read, but has become sinks: write sinks: [ { type: json_lines, path: a } ]',
      ],
    });
    expect(resolved('output: {events_file: null}').sinks).toEqual([]);
  });

  it('should be what the command line says, which is not old', () => {
    const text = 'sinks: [{type: json_lines, path: b, every_frame: true}]';
    expect(resolved(text, {}, { events_file: 'a' })).toEqual({ sinks: [sink], output, notices: [] });
    expect(resolved(text, {}, { every_frame: false }).sinks).toEqual([{ ...sink, path: 'b' }]);
    // Each from another layer.
    const { sinks } = resolved('', { EDGE_CLS_OUTPUT_EVERY_FRAME: 'true' }, { events_file: 'a' });
    expect(sinks).toEqual([{ ...sink, every_frame: true }]);
  });

  it.each([
    ['sinks: [{type: mqtt, path: a}]', 'x.yaml: sinks[0].type must be one of json_lines, got "mqtt"'],
    [
      'sinks: [{type: json_lines}]',
      'x.yaml: sinks[0].path must be the path of a file, or - for standard output, got nothing',
    ],
    [
      'sinks: [{type: json_lines, path: a, pth: b}]',
      'x.yaml: sinks[0].pth is not a known key and must be left out or corrected: did you mean path?',
    ],
    [
      'sinks: [{type: json_lines, path: a}, {type: json_lines, path: b}]',
      'x.yaml: sinks[1].name must be different for each sink, got nothing',
    ],
    [
      'sinks: [{type: json_lines, path: d/a}, {type: json_lines, name: b, path: ./d/../d/a, every_frame: true}]',
      'x.yaml: sinks[1].path must be different for each sink, but sinks[0] writes there, too: give it another path, or remove one of the two, got "./d/../d/a"',
    ],
    [
      'sinks: [{type: json_lines, path: "-"}, {type: json_lines, name: b, path: "-"}]',
      'x.yaml: sinks[1].path must be different for each sink, but sinks[0] writes there, too: give it another path, or remove one of the two, got "-"',
    ],
    [
      'sinks: [a]',
      'x.yaml: sinks[0] must be a mapping with a type, such as {type: json_lines, path: events.jsonl}, got "a"',
    ],
    ['sinks: a', 'x.yaml: sinks must be a list of sinks, each with a type, got "a"'],
    ['output: {events_file: 3}', 'x.yaml: output.events_file must be null, - or the path of a file, got 3'],
    ['output: {every_frame: 3}', 'x.yaml: output.every_frame must be true or false, got 3'],
    [
      'output: {events_file: a}\nsinks: []',
      'x.yaml: output.events_file must not stand beside sinks, which took its place: remove it',
    ],
  ])('should refuse %s', (text, message) => {
    expect(failure(() => fromText(text))).toBe(message);
  });

  it('should refuse two that lead to one file by a link, or to standard output', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sinks-'));
    const [file, link] = [join(directory, 'events.jsonl'), join(directory, 'link.jsonl')];
    await symlink(file, link);
    for (const [first, second] of [
      [file, link],
      ['-', '/dev/stdout'],
    ]) {
      const text = `sinks: [{type: json_lines, path: "${first}"}, {type: json_lines, name: b, path: "${second}"}]`;
      expect(failure(() => fromText(text))).toContain('sinks[1].path must be different for each sink, but sinks[0]');
    }
    await rm(directory, { recursive: true });
  });
});

describe('errors', () => {
  it.each([
    ['batch: {sise: 3}', 'x.yaml: batch.sise is not a known key and must be left out or corrected: did you mean size?'],
    [
      'stream_defaults: {fps: 3}',
      /^x\.yaml: stream_defaults\.fps is not a known key and must be left out; known here: enabled, bundle, .*thresholds$/,
    ],
    [
      'streams: [{name: a, sorce: b}]',
      'x.yaml: streams[0].source must be a file, a folder of images, a device or an address, got nothing\nx.yaml: streams[0].sorce is not a known key and must be left out or corrected: did you mean source?',
    ],
    ['batch: {size: 0}', 'x.yaml: batch.size must be a whole number from 1 to 64, got 0'],
    ['batch: {size: 1.5}', 'x.yaml: batch.size must be a whole number from 1 to 64, got 1.5'],
    ['batch: {max_wait_seconds: .nan}', 'x.yaml: batch.max_wait_seconds must be seconds, from 0 to 86400, got NaN'],
    ['batch: 3', 'x.yaml: batch must be a mapping of keys to values, got 3'],
    ['device: gpu', 'x.yaml: device must be one of auto, cpu, webgpu, cuda, tensorrt, got "gpu"'],
    ['log: {level: yes}', 'x.yaml: log.level must be one of trace, debug, info, warn, error, fatal, got "yes"'],
    [
      'stream_defaults: {frames_per_second: -5}',
      'x.yaml: stream_defaults.frames_per_second must be frames per second, from 0.0001 to 1000, or null, got -5',
    ],
    [
      'stream_defaults: {frames_per_second: 1e-300}',
      'x.yaml: stream_defaults.frames_per_second must be frames per second, from 0.0001 to 1000, or null, got 1e-300',
    ],
    [
      'streams: [{name: a, source: b, stall_seconds: 0.001}]',
      'x.yaml: streams[0].stall_seconds must be seconds, from 0.5 to 86400, got 0.001',
    ],
    [
      'reconnect: {first_delay_seconds: 10, longest_delay_seconds: 5}',
      'x.yaml: reconnect.longest_delay_seconds must be at least first_delay_seconds: it is where the waits stop growing, got 5',
    ],
    [
      'streams: [{name: a, source: b, region: "0.5,0,0.6,1"}]',
      /^x\.yaml: streams\[0\]\.region must be .* end inside it .*, got "0\.5,0,0\.6,1"$/,
    ],
    [
      'stream_defaults: {resolution: 1080}',
      'x.yaml: stream_defaults.resolution must be auto, 480p, 720p, 1080p, 1440p, 4k or WIDTHxHEIGHT, got 1080',
    ],
    [
      'stream_defaults: {resolution: 8x}',
      'x.yaml: stream_defaults.resolution must be auto, 480p, 720p, 1080p, 1440p, 4k or WIDTHxHEIGHT, got "8x"',
    ],
    [
      'stream_defaults: {region: "1,2,3"}\nstreams: [{name: a, source: b}]',
      'x.yaml: stream_defaults.region must be null or x,y,width,height, in whole pixels or in fractions of the picture that end inside it (x + width and y + height at most 1), got "1,2,3"',
    ],
    [
      'stream_defaults: {thresholds: {onset_probability: 2}}',
      'x.yaml: stream_defaults.thresholds.onset_probability must be auto or a number from 0 to 1, got 2',
    ],
    [
      'stream_defaults: {thresholds: {onset_probability: 0.1, offset_probability: 0.2}}',
      /^x\.yaml: stream_defaults\.thresholds must have an offset_probability of at most/,
    ],
    [
      'streams: [{name: a b, source: c}]',
      'x.yaml: streams[0].name must be 1 to 64 letters, digits, _, . or -, beginning with a letter or digit, got "a b"',
    ],
    [
      'streams: [{name: a, source: b}, {name: a, source: c}]',
      'x.yaml: streams[1].name must be different for each stream, got "a"',
    ],
    [
      'streams: {name: a}',
      'x.yaml: streams must be a list of streams, each with a name and a source, got {"name":"a"}',
    ],
    ['[1, 2]', 'x.yaml: must be a mapping of keys to values, got object'],
    ['a: 1\na: 2', 'x.yaml, line 2, column 1: must be YAML, but Map keys must be unique'],
    ['batch: *no', /^x\.yaml: must be YAML without such aliases: /],
    ['threads: &a [*a]', 'x.yaml: threads must be a whole number from 0 to 256, got something that contains itself'],
    ['__proto__: {x: 1}', /^x\.yaml: __proto__ is not a known key/],
  ])('should name key, rule and value: %s', (text, message) => {
    const got = failure(() => fromText(text));
    if (typeof message === 'string') expect(got).toBe(message);
    else expect(got).toMatch(message);
  });

  it.each([
    [
      'EDGE_CLS_BATCH_SISE',
      '4',
      'The environment variable EDGE_CLS_BATCH_SISE must belong to a key of the configuration, but it does not: did you mean EDGE_CLS_BATCH_SIZE?',
    ],
    ['EDGE_CLS_BATCH_SIZE', 'x', 'configuration: batch.size must be a whole number from 1 to 64, got "x"'],
  ])('should refuse the variable %s=%s', (name, value, message) => {
    expect(failure(() => resolveConfig({ env: { [name]: value } }))).toBe(message);
  });

  it('should say that a file cannot be read', async () => {
    await expect(loadConfig({ path: '/nonexistent/edge-cls.yaml' })).rejects.toThrow(
      new ConfigurationError(
        'The configuration /nonexistent/edge-cls.yaml must be a readable file, but it cannot be read (ENOENT): check the path and its permissions',
      ),
    );
  });

  it('should have exit code 78', () => {
    expect(new ConfigurationError('x').exitCode).toBe(78);
  });

  it('should never show the password of a source', () => {
    const message = failure(() => fromText('streams: ["rtsp://u:hunter2@cam/"]'));
    expect(message).not.toContain('hunter2');
  });

  it('should be a ConfigurationError for any text and any tree', () => {
    const tryOut = (text: string) => {
      try {
        fromText(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError);
      }
    };
    fc.assert(fc.property(fc.string({ unit: 'binary' }), tryOut));
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('&', '*', 'a', ':', '[', ']', '{', '}', '-', '?', '|', '>', '!', '%', ' ', '\n', '"'),
        }),
        tryOut,
      ),
      { numRuns: 500 },
    );
    // A shipped tree in which one value, anywhere, is replaced.
    const keys = Object.keys(defaults);
    const anything = fc.oneof(fc.anything(), fc.constantFrom(null, {}, [], -1, '', { batch: 1 }));
    fc.assert(
      fc.property(fc.constantFrom(...keys, 'other'), anything, fc.option(fc.string()), (key, value, inner) => {
        let text: string;
        try {
          text = stringify({ [key]: inner === null ? value : { [inner]: value } });
        } catch {
          return;
        }
        tryOut(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe('secrets', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'credentials-'));
    await writeFile(join(directory, 'cam1'), 'p@ss/w#rd%\n');
  });
  afterAll(() => rm(directory, { recursive: true }));

  const sourceOf = (source: string, env = {}) => {
    return fromText(stringify({ streams: [{ name: 'a', source }] }), env).streams[0]?.source;
  };

  it('should read the credential file, without its line break, encoded for an address', () => {
    expect(sourceOf('rtsp://u:${credential:cam1}@h/s', { CREDENTIALS_DIRECTORY: directory })).toBe(
      'rtsp://u:p%40ss%2Fw%23rd%25@h/s',
    );
  });

  it('should give back the very password through a URL parser, for any password', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (password) => {
        const url = new URL(sourceOf('rtsp://u:${PASSWORD}@h/s', { PASSWORD: password }) ?? '');
        expect(decodeURIComponent(url.password)).toBe(password);
        expect(url.host).toBe('h');
      }),
    );
  });

  it('should take the environment where there is no file, whole addresses as they are, and escapes', () => {
    expect(
      sourceOf('rtsp://u:${credential:cam-2}@h/', { CREDENTIALS_DIRECTORY: directory, EDGE_CLS_CREDENTIAL_CAM_2: 'x' }),
    ).toBe('rtsp://u:x@h/');
    expect(sourceOf('${URL}', { URL: 'rtsp://u:p@h/' })).toBe('rtsp://u:p@h/');
    expect(sourceOf('a$${b}.mp4')).toBe('a${b}.mp4');
    expect(sourceOf('price $5 $.mp4')).toBe('price $5 $.mp4');
  });

  it.each([
    [
      'rtsp://u:${credential:none}@h',
      'streams[0].source needs the credential none, but CREDENTIALS_DIRECTORY is not set and EDGE_CLS_CREDENTIAL_NONE is not set: add LoadCredential=none:FILE to the unit, or set the variable',
    ],
    [
      'rtsp://u:${NONE}@h',
      'streams[0].source needs the environment variable NONE, but it is not set: set it, or use ${credential:…}',
    ],
    ['rtsp://u:${credential:../x}@h', /^streams\[0\]\.source must have placeholders of the form/],
    ['rtsp://u:${credential:..}@h', /^streams\[0\]\.source must have placeholders of the form/],
    ['rtsp://u:${}@h', /^streams\[0\]\.source must have placeholders of the form/],
    ['rtsp://u:${NONE', /must close every placeholder/],
  ])('should refuse %s', (source, message) => {
    const got = failure(() => sourceOf(source));
    if (typeof message === 'string') expect(got).toBe(message);
    else expect(got).toMatch(message);
  });
});
