#!/usr/bin/env bash
# Gets what the programs in scripts/rivals need, each in a Python environment of its own: setup.sh FOLDER
set -euo pipefail
folder=${1:?a folder must be named, such as rivals-env}

python3 -m venv "$folder/onnxruntime"
"$folder/onnxruntime/bin/pip" install --quiet onnxruntime numpy opencv-python-headless
python3 -m venv "$folder/openvino"
"$folder/openvino/bin/pip" install --quiet openvino numpy
# GStreamer's own binding comes from the system: python3-gi, gstreamer1.0-plugins-good, gstreamer1.0-libav.
if /usr/bin/python3 -c 'import gi; gi.require_version("Gst", "1.0")' 2>/dev/null; then
  /usr/bin/python3 -m venv --system-site-packages "$folder/gstreamer"
  "$folder/gstreamer/bin/pip" install --quiet onnxruntime numpy
else
  echo 'without GStreamer: python3-gi is not installed' >&2
fi
