#!/bin/sh
# Makes samples/demo.mp4: a camera that moves over three photographs, with cuts, a dark and a hazy passage.
# The photographs (CC0) are taken out of the wheel of scikit-image. Needs python3 with pip, and ffmpeg with libx264.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$work" scikit-image
python3 - "$work" <<'PYTHON'
import glob, sys, zipfile

work = sys.argv[1]
wheel = zipfile.ZipFile(glob.glob(f"{work}/*.whl")[0])
for name in ("chelsea.png", "coffee.png", "rocket.jpg"):
    with open(f"{work}/{name}", "wb") as file:
        file.write(wheel.read(f"skimage/data/{name}"))
PYTHON

rate=12

# shot NAME PHOTOGRAPH SECONDS ZOOM X Y [FILTERS]: zoompan counts output frames in `on`;
# it steps by whole pixels of its input, so that is made large first.
shot() {
  frames=$(($3 * rate))
  ffmpeg -v error -y -i "$work/$2" -frames:v "$frames" -filter:v "
    scale=3840:-2:flags=lanczos,crop=iw:iw*9/16,
    zoompan=z='$4':x='$5':y='$6':d=$frames:s=1280x720:fps=$rate${7:+,$7},format=yuv420p" \
    -c:v libx264 -qp 0 -preset ultrafast "$work/$1.mkv"
  echo "file '$1.mkv'" >> "$work/list.txt"
}

# From the whole cat to its face.
shot cat chelsea.png 7 '1+0.35*on/84' '(iw-iw/zoom)*0.5' '(ih-ih/zoom)*0.35'
# Along the table, then closer to the cup.
shot coffee coffee.png 6 '1.15+0.2*on/72' '(iw-iw/zoom)*(0.2+0.3*on/72)' '(ih-ih/zoom)*0.55'
# Up the rocket, swaying a little as a hand-held camera does.
shot rocket rocket.jpg 5 '1.25' '(iw-iw/zoom)*(0.5+0.1*sin(on/9))' '(ih-ih/zoom)*(1-on/60)'
# The light goes out over the cat: a fifth of it is left, and the sensor's noise shows.
shot dark chelsea.png 4 '1.2+0.1*on/48' '(iw-iw/zoom)*0.5' '(ih-ih/zoom)*0.35' \
  "format=rgb24,colorlevels=romax=0.22:gomax=0.22:bomax=0.24,noise=alls=6:allf=t:all_seed=7"
# Haze over the coffee: little contrast, raised black, soft.
shot haze coffee.png 3 '1.3-0.1*on/36' '(iw-iw/zoom)*0.45' '(ih-ih/zoom)*0.5' \
  "gblur=sigma=2,format=rgb24,lutrgb=r='0.4*val+140':g='0.4*val+142':b='0.4*val+146'"

mkdir -p "$root/samples"
ffmpeg -v error -y -f concat -safe 0 -i "$work/list.txt" -map_metadata -1 \
  -c:v libx264 -preset slow -crf 27 -g 48 -pix_fmt yuv420p -movflags +faststart \
  -fflags +bitexact -flags:v +bitexact "$root/samples/demo.mp4"
ls -l "$root/samples/demo.mp4"
