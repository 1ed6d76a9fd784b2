#!/bin/sh
# SPDX-License-Identifier: MIT
# Our guests and vchan-socket-proxy of Debian 12, which the lab's image leaves out: it comes from the
# packages that the image was made of.
# shellcheck source=tests/lib/scenario.sh
. "$(dirname "$0")/../lib/scenario.sh"
# shellcheck source=tools/common.sh
. tools/common.sh
or_skip lab/image.sh 4.17

packages=$(cache_folder lab)/debs-bookworm
proxy=tests/vchan-proxy
mkdir -p "build/$proxy"
# from PACKAGE FILE NAME: takes FILE out of PACKAGE.
from() {
    for deb in "$packages/$1"_*.deb; do
        if [ ! -e "$deb" ]; then
            echo "1..0 # SKIP no package $1 in $packages: remove the image of Xen 4.17 there"
            exit 0
        fi
    done
    dpkg-deb --fsys-tarfile "$deb" | tar -xO "$2" >"build/$proxy/$3"
    chmod 755 "build/$proxy/$3"
}
from xen-utils-4.17 ./usr/lib/xen-4.17/bin/vchan-socket-proxy vchan-socket-proxy
from libxenmisc4.17 ./usr/lib/x86_64-linux-gnu/libxenvchan.so.4.17.0 libxenvchan.so.4.17

run_scenario 4.17 --timeout 900 tests/scenarios/vchan-proxy.sh "$proxy"
