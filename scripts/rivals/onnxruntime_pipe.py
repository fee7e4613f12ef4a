"""ffmpeg crops and scales, ONNX Runtime classifies in a session of one thread for each core.

    python onnxruntime_pipe.py VIDEO MODEL.onnx WIDTH HEIGHT CROP [BATCH]
"""
import json
import os
import queue
import sys
import threading

from frames import batches, images

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when it is loaded
import onnxruntime as ort

video, model, width, height, crop = sys.argv[1:6]
batch = int(sys.argv[6]) if len(sys.argv) > 6 else 4
options = ort.SessionOptions()
options.intra_op_num_threads = 1
work = queue.Queue(maxsize=4)
counts = []


def classify():
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    while (pixels := work.get()) is not None:
        session.run(None, {name: images(pixels)})
        counts.append(len(pixels))


threads = [threading.Thread(target=classify) for _ in range(os.cpu_count())]
for thread in threads:
    thread.start()
for pixels in batches(video, int(width), int(height), crop, batch):
    work.put(pixels)
for _ in threads:
    work.put(None)
for thread in threads:
    thread.join()
print(json.dumps({"frames": sum(counts), "versions": {"onnxruntime": ort.__version__}}))
