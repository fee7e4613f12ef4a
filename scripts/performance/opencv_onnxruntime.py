"""The usual program: OpenCV decodes in a thread of its own, crops and resizes, ONNX Runtime classifies.

    python opencv_onnxruntime.py VIDEO MODEL.onnx INPUT_NAME SIZE X,Y,WIDTH,HEIGHT

Prints one JSON line: frames and frames per second, without the time that the model takes to load.
"""
import json
import os
import queue
import sys
import threading
import time

import cv2
import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when it is loaded
import onnxruntime as ort

video, model, input_name, size, region = sys.argv[1:]
size = int(size)
x, y, width, height = (int(part) for part in region.split(","))

session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
session.run(None, {input_name: np.zeros((1, 3, size, size), np.float32)})

frames = queue.Queue(maxsize=4)


def decode():
    capture = cv2.VideoCapture(video, cv2.CAP_FFMPEG)
    while True:
        ok, frame = capture.read()
        frames.put(frame if ok else None)
        if not ok:
            return


start = time.perf_counter()
threading.Thread(target=decode, daemon=True).start()
count = 0
while (frame := frames.get()) is not None:
    picture = cv2.resize(frame[y : y + height, x : x + width], (size, size), interpolation=cv2.INTER_AREA)
    image = picture[:, :, ::-1].transpose(2, 0, 1).astype(np.float32) / 255
    session.run(None, {input_name: np.ascontiguousarray(image[None])})
    count += 1
print(json.dumps({"frames": count, "rate": count / (time.perf_counter() - start)}))
