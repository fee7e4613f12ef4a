/** Command lines for each verb's help and manual page; a test runs them all. */

export interface Example {
  readonly line: string;
  readonly does: string;
}

export const examples: Readonly<Record<string, readonly Example[]>> = {
  run: [
    { line: 'edge-cls run holiday.mp4', does: 'a video, a picture, or a folder' },
    { line: 'edge-cls run photographs/ --json', does: 'a folder; for a program' },
    { line: 'edge-cls run rtsp://camera.lan/stream1', does: 'a camera, until Ctrl-C' },
    {
      line: 'edge-cls run holiday.mp4 --start 0:10 --duration 5s',
      does: 'a part of it; times stay those of the whole',
    },
    { line: 'edge-cls run /dev/video0 --every-frame --events -', does: 'a webcam; a line of JSON for every frame' },
    { line: "edge-cls run door.mp4 --labels 'tabby,tiger cat' --annotate seen.mp4", does: 'two labels, drawn in' },
    {
      line: "edge-cls run door.mp4 --group 'cat=tabby,tiger cat,Egyptian cat'",
      does: 'three labels that count as one',
    },
    { line: 'edge-cls run --config edge-cls.yaml', does: 'as a service, with cameras that come back' },
  ],
  probe: [
    { line: 'edge-cls probe holiday.mp4', does: 'size, rate, and what is made of it' },
    { line: 'edge-cls probe rtsp://camera.lan/stream1 --json', does: 'a camera; for a program' },
  ],
  models: [
    { line: 'edge-cls models', does: 'what there is' },
    { line: 'edge-cls models show inception-v3-cats-dogs', does: 'what its card says' },
    { line: 'edge-cls models verify --device cpu', does: 'whether they answer as they should here' },
    {
      line: 'edge-cls models quantize inception-v3-cats-dogs --images photographs/ --labels',
      does: 'the same in int8, measured on them',
    },
  ],
  adapt: [
    { line: 'edge-cls adapt door/ --resolution 1080p', does: 'from a folder of pictures of this camera' },
    { line: 'edge-cls adapt rtsp://camera.lan/stream1 --stream door', does: 'from the camera, for this stream alone' },
    { line: 'edge-cls adapt --stream door --record-baseline', does: 'how a configured stream looks in its good time' },
  ],
  evaluate: [
    { line: 'edge-cls evaluate photographs/ --resolution 720p', does: 'as a camera of 720p would show them' },
    {
      line: 'edge-cls evaluate photographs/ --resolution 300x300 --corruption gaussian_noise:3,tint:2',
      does: 'degraded',
    },
  ],
  adapters: [
    { line: 'edge-cls adapters list', does: 'all of this box' },
    { line: 'edge-cls adapters rollback --stream door', does: 'back to what was active before' },
  ],
  bench: [
    { line: 'edge-cls bench holiday.mp4 --rounds 1', does: 'once, roughly' },
    {
      line: "edge-cls bench holiday.mp4 --rounds 1 --against 'decoding=ffmpeg -v error -i {file} -f null -'",
      does: 'beside another program, here one that only decodes',
    },
  ],
  doctor: [
    { line: 'edge-cls doctor', does: 'with the configuration that is installed, or none' },
    { line: 'edge-cls doctor --config edge-cls.yaml', does: 'with another' },
  ],
  train: [
    { line: 'edge-cls train pets/ --output classifiers', does: 'pets/cat/*.jpg, pets/dog/*.jpg, …' },
    { line: 'edge-cls train pets/ --name pets-2 --epochs 10 --report pets.html', does: 'ten epochs and a report' },
  ],
  tune: [{ line: 'edge-cls tune pets/ --lr 1e-3,1e-2 --epochs 2', does: 'which of two; `train` then uses it' }],
  install: [
    { line: 'edge-cls install --dry-run', does: 'the steps, and nothing is changed' },
    { line: 'edge-cls install --dry-run --root image/', does: 'the same below another root' },
  ],
  completion: [
    { line: 'source <(edge-cls completion bash)', does: 'in ~/.bashrc; zsh: the same in ~/.zshrc, after compinit' },
    { line: 'edge-cls completion fish > ~/.config/fish/completions/edge-cls.fish', does: 'once' },
  ],
};

/** Below the options of `--help`. */
export function examplesText(verb: string): string {
  const lines = (examples[verb] ?? []).flatMap(({ line, does }) => [`  ${line}`, `      ${does}`]);
  return lines.length === 0 ? '' : ['', 'Examples:', ...lines].join('\n');
}
