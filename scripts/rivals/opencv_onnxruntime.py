"""OpenCV decodes in a thread of its own, crops and resizes; ONNX Runtime classifies with all cores.

    python opencv_onnxruntime.py VIDEO MODEL.onnx WIDTH HEIGHT CROP
"""
import json
import os
import queue
import sys
import threading

import cv2
import numpy as np

from frames import images

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when it is loaded
import onnxruntime as ort

video, model = sys.argv[1:3]
size = tuple(int(text) for text in sys.argv[3:5])
width, height, x, y = (int(part) for part in sys.argv[5].split(":"))
options = ort.SessionOptions()
# Threads that spin between operators take the cores from the decoder.
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
frames = queue.Queue(maxsize=4)


def decode():
    capture = cv2.VideoCapture(video, cv2.CAP_FFMPEG)
    while True:
        ok, frame = capture.read()
        frames.put(frame if ok else None)
        if not ok:
            return


threading.Thread(target=decode, daemon=True).start()
count = 0
while (frame := frames.get()) is not None:
    picture = cv2.resize(frame[y : y + height, x : x + width], size, interpolation=cv2.INTER_AREA)
    session.run(None, {name: images(picture[None, :, :, ::-1])})
    count += 1
print(json.dumps({"frames": count, "versions": {"opencv": cv2.__version__, "onnxruntime": ort.__version__}}))
