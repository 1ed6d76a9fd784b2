#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Makes the folder of images and tables that tools/xenolith-check runs, from the tables that
# `make check` runs: tests/boot/boot.table, tests/scenarios/pairs.table and lifecycle.table.
#
#   tools/check-data.sh DIR      DIR is made anew; build/ has the kernels (make all iso variants)
#
# It leaves out the rows that need a special host, and says so in guests.table: those without Xen,
# those that are dom0, those that get a device, and those about the hypervisor's own patch. A row
# that `make check` runs on each of its Xens is safe to run on any; see --safe of xenolith-check.
# Exit status: 0 DIR is there; 1 it is not; 2 usage.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tools/common.sh
. "$top/tools/common.sh"
[ $# = 1 ] || die 2 'usage: check-data.sh DIR'
case $1 in
/*) out=$1 ;;
*) out=$PWD/$1 ;;
esac
cd "$top"
make_work
build=$work/images
mkdir "$build"
# shellcheck source=tests/boot/kernels.sh
. tests/boot/kernels.sh

data=$work/data
mkdir -p "$data/cfg" "$data/golden"

# special XEN BOOTS SETTINGS: prints why a row needs a special host, if it does.
special() {
    case $1 in none) echo 'it runs without Xen' ;; esac
    case $2 in
    dom0*) echo 'it is dom0' ;;
    *role=hypercall*) echo "it is about the hypervisor's own patch" ;;
    esac
    case $3 in *iomem* | *ioports* | *pci*) echo 'it gets a device' ;; esac
}

# The host's epoch is what a scenario of the lab measures with a debug key: the guests do without.
without_epoch() { sed 's/ *wall-base=@EPOCH@//'; }

# image NAME BOOTS: makes what the row boots in $data, unless a row before it boots the same; prints
# the file's name.
image() {
    how=${2%% *} words=
    [ "$how" = "$2" ] || words=${2#* }
    variant=${how#*:}
    [ "$variant" != "$how" ] || variant=plain
    case $how in
    iso*) key="$variant $words" kind=iso ;;
    *) key=$variant kind=elf ;;
    esac
    image_made=$(sed -n "s|^$kind $key	||p" "$work/made")
    if [ -z "$image_made" ]; then
        image_made=$1.$kind
        case $kind:$variant in
        elf:plain) image_made=xenolith.elf ;;
        elf:*) objcopy --strip-all "$(kernel "$variant")" "$data/$image_made" ;;
        iso:*)
            args=
            [ "${words#* }" = "$words" ] || args=${words#* }
            iso "$1" "$variant" "${words%% *}" "$args"
            mv "$build/$1.iso" "$data/$image_made"
            ;;
        esac
        printf '%s %s\t%s\n' $kind "$key" "$image_made" >>"$work/made"
    fi
    echo "$image_made"
}

: >"$work/made"
cp build/xenolith.elf build/writer.iso build/reader.iso build/idle.iso VERSION tools/logdiff tools/common.sh "$data/"
cp cfg/none.cfg cfg/pvh.cfg "$data/cfg/"
{
    echo '# NAME|SET|IMAGE|WORDS|SETTINGS|ENDS|VERDICT, from tests/boot/boot.table of Xenolith'
    sed -e '/^#/d' -e '/^$/d' -e 's/ *| */|/g' -e 's/ *$//' tests/boot/boot.table |
        while IFS='|' read -r name xen boots settings ends verdict _; do
            why=$(special "$xen" "$boots" "$settings" | head -n 1)
            if [ -n "$why" ]; then
                echo "# left out: $name: $why"
                continue
            fi
            set=all
            case " $xen " in *' 4.14 4.17 4.20 '*) set=safe ;; esac
            boots=$(printf '%s\n' "$boots" | without_epoch)
            words=
            case $boots in
            elf*' '*) words=${boots#* } ;;
            esac
            echo "$name|$set|$(image "$name" "$boots")|$words|$settings|$ends|$verdict"
        done
} >"$data/guests.table"
cp tests/scenarios/pairs.table tests/scenarios/lifecycle.table "$data/"

# The logs of the lab's Xens, as guests without an epoch have them.
for log in tests/boot/golden/*-4.*.log; do
    name=${log##*/}
    grep -q "^${name%-4.*}|" "$data/guests.table" || continue
    sed -e 's/^\(Command line: .*\) wall-base=<ms> /\1 /' \
        -e "s/^ok [0-9]* - wall clock: it is the host's$/& # SKIP no wall-base= on the command line/" \
        "$log" >"$data/golden/$name"
done

chmod -R u=rwX,go=rX "$data"
rm -rf "$out"
mkdir -p "$(dirname "$out")"
mv "$data" "$out"
