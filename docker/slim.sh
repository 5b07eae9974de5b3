#!/bin/sh
# Removes from the environment of the image what nothing in it uses: `slim.sh /opt/mirage`.
# Figures are MB of the 240 that the image would have over its base.
set -eu
environment=$1
packages=$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

# What tokenizers would download with (31).
"$environment/bin/python" "$(dirname "$0")/unneeded.py" |
  xargs "$environment/bin/pip" uninstall --yes --quiet

cd "$packages"
# Tests, type stubs and sources of extensions (15).
find . -type d \( -name tests -o -name testing \) -not -path './mirage/*' -prune -exec rm -r {} +
find . -type f \( -name '*.pyi' -o -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.pxd' \
  -o -name '*.pyx' \) -delete
# Parts that are not imported (12): pygments stays only because rich imports it.
rm -r lxml/isoschematron lxml/objectify* numpy/f2py
find pygments/lexers -name '[a-z]*.py' -delete
# Pages of PDFs are written as WebP: AVIF, fonts and colour profiles of Pillow are not used (9).
rm PIL/_avif.* PIL/_imagingft.* PIL/_imagingcms.*
(cd pillow.libs && rm libavif* libfreetype* libharfbuzz* libbrotli* liblcms2*)

# Symbols for debuggers (35). Libraries in *.libs were changed for their wheel, which strip breaks.
find . -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} +
