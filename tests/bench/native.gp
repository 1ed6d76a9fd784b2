# SPDX-License-Identifier: MIT
# Throughput by chunk, from native.csv: `csv` and `out`, without a suffix, are set by the caller.
set datafile separator ','
set logscale xy
set xlabel 'bytes in a chunk'
set ylabel 'MiB/s, median of 301 runs'
set title 'A vchan ring of 64 KiB, both ends in one thread, on this host'
set key left top
set grid
set xtics (64, 256, 1024, 4096, 16384, 65536)
series(name) = sprintf("< grep '^%s,' %s", name, csv)
do for [kind in 'svg png'] {
    if (kind eq 'svg') { set terminal svg size 900,560 background 'white' } \
    else { set terminal pngcairo size 900,560 }
    set output out . '.' . kind
    plot series('two-memcpys') using 2:6 with linespoints title 'two memcpys', \
         series('ring') using 2:6 with linespoints title 'the ring', \
         series('pipe') using 2:6 with linespoints title 'a pipe'
}
