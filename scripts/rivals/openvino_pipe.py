"""ffmpeg crops and scales, OpenVINO classifies in a queue of requests (its throughput mode).

    python openvino_pipe.py VIDEO MODEL.onnx WIDTH HEIGHT CROP [BATCH]
"""
import json
import sys

import numpy as np
import openvino as ov

from frames import batches, images

video, model, width, height, crop = sys.argv[1:6]
batch = int(sys.argv[6]) if len(sys.argv) > 6 else 1
network = ov.Core().read_model(model)
network.reshape([batch, 3, int(height), int(width)])
compiled = ov.Core().compile_model(network, "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
requests = ov.AsyncInferQueue(compiled)
count = 0
for pixels in batches(video, int(width), int(height), crop, batch):
    picture = images(pixels)
    # Its batch is fixed.
    requests.start_async([np.concatenate([picture, np.zeros((batch - len(picture), *picture.shape[1:]), np.float32)])])
    count += len(pixels)
requests.wait_all()
print(json.dumps({"frames": count, "versions": {"openvino": ov.__version__}}))
