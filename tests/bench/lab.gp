# SPDX-License-Identifier: MIT
# From lab.csv: throughput by chunk, and a grant's cost by batch. The caller sets `csv` and `out`,
# without a suffix.
set datafile separator ','
set logscale xy
set grid
set format y '%.0f'
series(pairing, name) = sprintf("< grep '^%s,%s,' %s", pairing, name, csv)
do for [kind in 'svg png'] {
    if (kind eq 'svg') { set terminal svg size 900,600 background 'white' } \
    else { set terminal pngcairo size 900,600 }
    set key below
    set output out . '-streams.' . kind
    set title 'A vchan ring of 64 KiB, on an emulated machine: compare curves, not figures'
    set xlabel 'bytes in a chunk'
    set ylabel 'MiB/s, median of 7 runs'
    set xrange [40:100000]
    set xtics (64, 256, 1024, 4096, 16384, 65536)
    plot series('ours to ours', 'two-memcpys') using 3:7 with linespoints title 'two memcpys', \
         series('ours to ours', 'stream-65536') using 3:7 with linespoints title 'ours to ours', \
         series('libxenvchan to ours', 'stream-65536') using 3:7 with linespoints \
             title 'libxenvchan to ours', \
         series('ours to libxenvchan', 'stream-65536') using 3:7 with linespoints \
             title 'ours to libxenvchan', \
         series('libxenvchan in two guests', 'stream-65536') using 3:7 with linespoints \
             title 'libxenvchan to libxenvchan, in two Linux guests', \
         series('libxenvchan in dom0', 'stream-65536') using 3:7 with linespoints \
             title 'libxenvchan to libxenvchan, in dom0'
    set key inside right top
    set output out . '-grants.' . kind
    set title 'Grants, on an emulated machine: compare curves, not figures'
    set xlabel 'pages in a hypercall'
    set ylabel 'ns for each page, median of 7 runs'
    set xtics (1, 8, 64)
    set xrange [0.7:90]
    plot for [what in 'map unmap copy'] series('ours to ours', 'grant-' . what) using 3:7 \
        with linespoints title what
}
