"""Checks that a bundle is a ZIP archive in the one form that Vitrine writes, then unpacks it. Standard library only.

usage: python3 verify_archive.py BUNDLE [FOLDER]

ZIP says most things twice and lets programs choose whom to believe. In this one form every byte of the file has one place and
one meaning: files stored as they are, one after the other, in the order of their names, nothing before, between or behind them.
Nothing is written before all of it was checked; FOLDER, which is made, must not exist. Exit status 0 if nothing is wrong, else 1.
"""

import os
import re
import struct
import sys
import zlib

PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
MEDIA_TYPE = b"application/vnd.etsi.asic-e+zip"


class Wrong(Exception):
    """What is wrong, in words."""


def number(data, place, count):
    if place < 0 or place + count > len(data):
        raise Wrong("it is cut off")
    return int.from_bytes(data[place : place + count], "little")


def read(data):
    """The files as (name, content), in order."""
    end = len(data) - 22
    if len(data) > 0x7FFFFFFF or end < 0 or number(data, end, 4) != 0x06054B50:
        raise Wrong("its end is not that of a ZIP archive: cut off, or something was put behind it (a comment?)")
    disk, start_disk, here, count, size, start, comment = struct.unpack("<HHHHIIH", data[end + 4 :])
    if disk or start_disk or here != count or comment:
        raise Wrong("its end names several volumes, a comment or two counts")
    if start + size != end:
        raise Wrong("its directory does not stand directly before its end: something was put before, between or behind")
    files, place, local = [], start, 0
    for _ in range(count):
        if number(data, place, 4) != 0x02014B50:
            raise Wrong("its directory is damaged")
        length = number(data, place + 28, 2)
        if place + 46 + length > end:
            raise Wrong("its directory is damaged")
        raw = data[place + 46 : place + 46 + length]
        name = raw.decode("latin-1")
        check_headers(data, local, place, raw, start)
        content = data[local + 30 + length : local + 30 + length + number(data, place + 20, 4)]
        if local + 30 + length + number(data, place + 20, 4) > start:
            raise Wrong("the bytes of %r run into the directory" % name)
        if zlib.crc32(content) != number(data, place + 16, 4):
            raise Wrong("the bytes of %r are not those of its checksum" % name)
        files.append((name, content))
        place, local = place + 46 + length, local + 30 + length + len(content)
    if place != end:
        raise Wrong("its directory holds more than its entries")
    if local != start:
        raise Wrong("there are bytes between the last file and the directory")
    return files


def check_headers(data, local, central, raw, start):
    """The header beside the data against the one in the directory, and both against the one form."""
    name, length = raw.decode("latin-1"), len(raw)
    if local + 30 + length > start or number(data, local, 4) != 0x04034B50 or number(data, central + 42, 4) != local:
        raise Wrong("%r does not stand directly behind the file before it: overlap, gap or another order" % name)
    if number(data, local + 26, 2) != length or data[local + 30 : local + 30 + length] != raw:
        raise Wrong("%r has another name beside its data than in the directory" % name)
    if number(data, local + 28, 2) or number(data, central + 30, 4):
        raise Wrong("%r has an extra field or a comment" % name)
    if data[local + 4 : local + 26] != data[central + 6 : central + 28]:
        raise Wrong("%r is described in two ways, beside its data and in the directory" % name)
    version, flags, method, time, date = struct.unpack("<HHHHH", data[local + 4 : local + 14])
    if flags:
        raise Wrong("%r is encrypted, has a data descriptor or unknown flags" % name)
    if method or number(data, local + 18, 4) != number(data, local + 22, 4):
        raise Wrong("%r is compressed" % name)
    if (version, time, date) != (10, 0, 0x21):
        raise Wrong("%r has a time or a version that Vitrine does not write" % name)
    if number(data, central + 4, 2) != 0x033F or number(data, central + 34, 4) or number(data, central + 38, 4) != 0x81A40000:
        raise Wrong("%r is not marked as a plain file: a link, a folder or a special file?" % name)


def check_names(files):
    names = [name for name, _ in files]
    for name in names:
        if not PATH.fullmatch(name):
            raise Wrong("a file is called %r, which is no plain relative path" % name)
    seen = {name.lower() for name in names}
    if len(seen) < len(names):
        raise Wrong("a name occurs twice (the case of letters does not count)")
    for name in seen:
        while "/" in name:
            name = name.rpartition("/")[0]
            if name in seen:
                raise Wrong("%r is a file and a folder" % name)
    if not files or files[0] != ("mimetype", MEDIA_TYPE):
        raise Wrong("it does not begin with 'mimetype', which holds '%s'" % MEDIA_TYPE.decode())
    if names[1:] != sorted(names[1:]):
        raise Wrong("the files do not stand in the order of their names")


def main(bundle, folder=None):
    with open(bundle, "rb") as file:
        files = read(file.read())
    check_names(files)
    if folder:
        os.mkdir(folder)
        for name, content in files:
            path = os.path.join(folder, *name.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "xb") as file:
                file.write(content)
    print("ok: the archive: %d files, each stored as it is under a plain name" % len(files))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:3])
    except Exception as error:  # whatever a forged archive leads to is an answer, never a traceback
        print("WRONG: the archive: %s" % (error if isinstance(error, Wrong) else repr(error)))
        sys.exit(1)
