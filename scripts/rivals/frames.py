"""Frames of a video as ffmpeg crops and scales them, uint8 [height, width, 3], a batch at a time."""
import subprocess

import numpy as np


def batches(video, width, height, crop, size):
    """CROP is ffmpeg's, WIDTH:HEIGHT:X:Y. The last batch may be shorter."""
    filters = f"crop={crop},scale={width}:{height}:flags=area"
    command = ["ffmpeg", "-v", "error", "-i", video, "-vf", filters, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    length = 3 * width * height
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=length * size) as ffmpeg:
        while pixels := ffmpeg.stdout.read(length * size):
            yield np.frombuffer(pixels, np.uint8).reshape(-1, height, width, 3)


def images(pixels):
    """[batch, 3, height, width], 0 to 1."""
    return np.multiply(pixels.transpose(0, 3, 1, 2), np.float32(1 / 255), dtype=np.float32, order="C")
