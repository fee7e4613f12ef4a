"""GStreamer decodes, crops and scales into an appsink; ONNX Runtime classifies in a session of one thread for each core.

    python gstreamer_onnxruntime.py VIDEO MODEL.onnx WIDTH HEIGHT CROP [BATCH]
"""
import json
import os
import queue
import sys
import threading

import gi
import numpy as np

gi.require_version("Gst", "1.0")
from gi.repository import Gst

from frames import images

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when it is loaded
import onnxruntime as ort

video, model, width, height, crop = sys.argv[1:6]
batch = int(sys.argv[6]) if len(sys.argv) > 6 else 1
width, height = int(width), int(height)
wide, high, x, y = (int(part) for part in crop.split(":"))
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


Gst.init(None)
pipeline = Gst.parse_launch(
    f'filesrc location="{video}" ! decodebin ! videocrop name=crop ! videoscale method=bilinear2 ! videoconvert '
    f"! video/x-raw,format=RGB,width={width},height={height},pixel-aspect-ratio=1/1 ! appsink name=sink max-buffers=4 sync=false"
)
sink = pipeline.get_by_name("sink")
frame_crop = pipeline.get_by_name("crop")


def set_crop(pad, _):
    structure = pad.get_current_caps() and pad.get_current_caps().get_structure(0)
    if structure:
        right, bottom = structure.get_int("width").value - wide - x, structure.get_int("height").value - high - y
        for side, value in {"left": x, "top": y, "right": right, "bottom": bottom}.items():
            frame_crop.set_property(side, value)


frame_crop.get_static_pad("sink").connect("notify::caps", set_crop)
threads = [threading.Thread(target=classify) for _ in range(os.cpu_count())]
for thread in threads:
    thread.start()
pipeline.set_state(Gst.State.PLAYING)
stride = (3 * width + 3) // 4 * 4
while sample := sink.emit("pull-sample"):
    held = []
    while sample:
        data = sample.get_buffer().extract_dup(0, stride * height)
        held.append(np.frombuffer(data, np.uint8).reshape(height, stride)[:, : 3 * width].reshape(height, width, 3))
        sample = sink.emit("pull-sample") if len(held) < batch else None
    work.put(np.stack(held))
for _ in threads:
    work.put(None)
for thread in threads:
    thread.join()
pipeline.set_state(Gst.State.NULL)
print(json.dumps({"frames": sum(counts), "versions": {"gstreamer": Gst.version_string(), "onnxruntime": ort.__version__}}))
