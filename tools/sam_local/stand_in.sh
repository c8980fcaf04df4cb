#!/usr/bin/env bash
# Make a stand-in for Amazon's image of Python 3.13, for machines that reach no image registry:
# Debian's own Python 3.13 with Amazon's client of the Lambda runtime interface.
#
#     stand_in.sh IMAGE DIRECTORY     names the image; works in the directory, which it empties
set -euo pipefail

image=$1
work=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$work/root

command -v debootstrap > /dev/null || { echo "debootstrap is missing (Debian: apt install debootstrap)"; exit 1; }
[ "$(id -u)" = 0 ] || { echo "debootstrap must be run as root"; exit 1; }
[ "$(uname -m)" = x86_64 ] || { echo "the stand-in is made on x86_64 alone"; exit 1; }

rm -rf "$work"
mkdir -p "$work"
debootstrap --variant=minbase --include=python3,ca-certificates trixie "$root"

runtime=$root/var/runtime
mkdir -p "$runtime" "$root/var/task" "$root/opt"
"${UV:-uv}" pip install --target "$runtime" --requirements "$here/requirements.txt" \
    --python-version 3.13 --python-platform x86_64-manylinux_2_28 --only-binary :all:
cat > "$runtime/bootstrap" <<'BOOTSTRAP'
#!/bin/sh
export PYTHONPATH=$LAMBDA_TASK_ROOT:/opt/python:$LAMBDA_RUNTIME_DIR
exec python3 -m awslambdaric "$_HANDLER"
BOOTSTRAP
chmod 755 "$runtime/bootstrap"

# What a package manager and a reader would need takes half of the space.
tar -C "$root" --exclude=./var/cache/apt --exclude=./var/lib/apt/lists --exclude=./usr/share/doc \
    --exclude=./usr/share/locale -c . |
    docker import \
        --change 'ENV PATH=/usr/bin:/bin LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime' \
        --change 'WORKDIR /var/task' - "$image"
rm -rf "$work"
