/** The programs that edge-cls is measured against, as `bench --against` takes them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const scripts = join(import.meta.dirname, '../rivals');
const places = '{file} {model} {width} {height} {crop}';

/** @param folder - what `scripts/rivals/setup.sh` made; what is not there is left out, with a word */
export function rivalsIn(folder: string | undefined): string[] {
  const node = (name: string, batch: number) => `${name}=node '${join(scripts, 'node_pipe.mjs')}' ${places} ${batch}`;
  const python = (name: string, environment: string, script: string, batch = '') => {
    const interpreter = join(folder ?? '', environment, 'bin/python');
    if (folder !== undefined && existsSync(interpreter))
      return [`${name}='${interpreter}' '${join(scripts, script)}' ${places} ${batch}`];
    console.error(`without ${name}: scripts/rivals/setup.sh FOLDER gets it, RIVALS=FOLDER names it`);
    return [];
  };
  return [
    node('ffmpeg → Node.js, onnxruntime', 1),
    node('the same, batch 8', 8),
    ...python('ffmpeg → Python, ONNX Runtime', 'onnxruntime', 'onnxruntime_pipe.py', '1'),
    ...python('the same in Python, batch 4', 'onnxruntime', 'onnxruntime_pipe.py', '4'),
    ...python('ffmpeg → OpenVINO', 'openvino', 'openvino_pipe.py', '1'),
    ...python('OpenCV, ONNX Runtime', 'onnxruntime', 'opencv_onnxruntime.py'),
    ...python('GStreamer, ONNX Runtime', 'gstreamer', 'gstreamer_onnxruntime.py', '1'),
  ];
}
