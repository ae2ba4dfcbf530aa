#!/bin/sh
# What the rendering tests need beyond Python: LibreOffice and poppler for the workbook, Chromium for the report and the page, Chinese fonts.
# Without them those tests are skipped, so wherever they cannot be installed this says so and ends well.
set -eu

packages="libreoffice-calc poppler-utils chromium chromium-driver fonts-noto-cjk"

if command -v soffice >/dev/null 2>&1 && command -v pdftotext >/dev/null 2>&1 &&
    command -v chromium >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1 && fc-list 2>/dev/null | grep -q CJK; then
    echo "system packages: already here"
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "system packages: no apt-get here; the rendering tests will be skipped (it needs: $packages)"
    exit 0
fi
if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "system packages: neither root nor sudo; the rendering tests will be skipped (it needs: $packages)"
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # the lists are meant to be split
if $as_root apt-get update -q && $as_root apt-get install -q -y --no-install-recommends $packages; then
    echo "system packages: installed"
else
    echo "system packages: apt-get failed; the rendering tests will be skipped (it needs: $packages)"
fi
