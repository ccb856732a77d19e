"""The bundle as a ZIP file that can be read in two ways, or holds what nobody signed."""

import os
import shutil
import zlib

from .base import tool
from .catalogue import Target, forgery, refused
from .containers import archive, entry

GROUP = "The bundle's archive"
SEEN = refused(r"WRONG:? +(?!the check stopped)\S|not a bundle")


def zip_forgery(name, attack, make_bytes, verify=SEEN, paper=SEEN):
    """A forgery of the ZIP's bytes, made by a function of the honest bundle that gives the file's bytes."""

    def make(case):
        file = case.folder / "forged.asice"
        file.write_bytes(make_bytes(case.bundle()))
        return Target(bundle=file)

    make.__name__ = name
    forgery(GROUP, attack, verify=verify, paper=paper)(make)


def with_entry(position=None, **item):
    """The honest archive with one entry more."""

    def make(bundle):
        entries = bundle.entries()
        added = entry(item.pop("name"), item.pop("data", b"forged\n"), **item)
        entries.insert(len(entries) if position is None else position, added)
        return archive(entries)

    return make


def changed(name, **more):
    """The honest archive with one entry described otherwise."""

    def make(bundle):
        return archive([{**item, **more} if item["name"] == name else item for item in bundle.entries()])

    return make


def deflated(bundle):
    entries = bundle.entries()
    for item in entries:
        if item["name"] == "dossier/dossier.md":
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            item.update(packed=packer.compress(item["data"]) + packer.flush(), method=8, needs=20)
    return archive(entries)


def mimetype_second(bundle):
    entries = bundle.entries()
    return archive([entries[1], entries[0]] + entries[2:])


def renamed(old, new):
    def make(bundle):
        bundle.files[new] = bundle.files.pop(old)
        return archive(bundle.entries())

    return make


def duplicate(bundle):
    """Two entries of one name: some programs take the first, some the last."""
    entries = bundle.entries()
    place = [item["name"] for item in entries].index("dossier/dossier.html")
    entries.insert(place, entry("dossier/dossier.html", b"<p>All requirements are met.</p>"))
    return archive(entries)


def two_directories(bundle):
    """Another archive in front, whose directory some programs find first."""
    return archive([entry("dossier/dossier.html", b"<p>All requirements are met.</p>")]) + archive(bundle.entries())


def wrong_offset(bundle):
    data = bytearray(archive(bundle.entries()))
    data[-6:-2] = (int.from_bytes(data[-6:-2], "little") - 1).to_bytes(4, "little")
    return bytes(data)


zip_forgery(
    "archive_comment",
    "A comment stands at the archive's end, as `zip -z` writes it.",
    lambda bundle: archive(bundle.entries(), comment=b"approved by the authority"),
)
zip_forgery("archive_prefix", "Bytes stand before the archive.", lambda bundle: b"#!/bin/sh\nexit 0\n" + archive(bundle.entries()))
zip_forgery(
    "archive_prefix_counted",
    "Bytes stand before the first file, and every offset counts them.",
    lambda bundle: archive(bundle.entries(), prefix=b"PK\3\4 nothing to see"),
)
zip_forgery("archive_suffix", "Bytes stand after the archive.", lambda bundle: archive(bundle.entries()) + b"approved\n")
zip_forgery("archive_after_another", "Another archive stands before the bundle in one file.", two_directories)
zip_forgery("archive_cut", "The last kilobyte is missing.", lambda bundle: archive(bundle.entries())[:-1024])
zip_forgery("archive_directory_moved", "The end says another place for the directory.", wrong_offset)
zip_forgery("entry_added", "A file is added that nobody signed.", with_entry(name="zz-approval.html", data=b"<p>approved</p>"))
zip_forgery(
    "entry_added_to_meta", "A file is added to META-INF.", with_entry(1, name="META-INF/AAA-approval.xml", data=b"<approved/>")
)
zip_forgery("entry_twice", "`dossier.html` stands there twice.", duplicate)
zip_forgery(
    "entry_renamed_in_case", "`dossier.html` is called `Dossier.html`.", renamed("dossier/dossier.html", "dossier/Dossier.html")
)
zip_forgery("entry_twin_in_case", "`DOSSIER.html` is put beside `dossier.html`.", with_entry(name="dossier/DOSSIER.html"))
zip_forgery("entry_compressed", "One file is compressed.", deflated)
zip_forgery("entry_climbs", "A file is called `../forged`.", with_entry(name="../forged"))
zip_forgery("entry_absolute", "A file is called `/tmp/forged`.", with_entry(name="/tmp/forged"))
zip_forgery("entry_backslash", "A file is called `dossier\\\\forged`.", with_entry(name="dossier\\forged"))
zip_forgery(
    "entry_with_newline", "A file's name holds a line feed and another file's digest line.", with_entry(name="x\nSHA256SUMS")
)
zip_forgery("entry_of_a_folder", "A folder is an entry of its own.", with_entry(name="dossier/", data=b"", mode=0o040755))
zip_forgery(
    "entry_link", "A symbolic link to `/etc/passwd` is an entry.", with_entry(name="zz-link", data=b"/etc/passwd", mode=0o120777)
)
zip_forgery(
    "entry_extra_field", "A file has an extra field.", changed("dossier/dossier.md", extra=b"UT\x05\x00\x01\x00\x00\x00\x00")
)
zip_forgery("entry_descriptor", "A file has its sizes after its data.", changed("dossier/dossier.md", flags=8, needs=20))
zip_forgery(
    "entry_two_names",
    "A file has one name beside its data and another in the directory.",
    changed("dossier/dossier.md", central_name="dossier/dossier.mx"),
)
zip_forgery("entry_wrong_crc", "A file has a wrong CRC-32.", changed("dossier/dossier.md", crc=1))
zip_forgery("mimetype_second", "The mimetype is the second file.", mimetype_second)
zip_forgery("mimetype_missing", "The mimetype is missing.", lambda bundle: archive(bundle.entries()[1:]))
zip_forgery(
    "mimetype_of_another_kind",
    "The mimetype is that of ASiC-S.",
    lambda bundle: archive([entry("mimetype", b"application/vnd.etsi.asic-s+zip")] + bundle.entries()[1:]),
)


def packed_with_zip(name, attack, *arguments, before=None):
    """A bundle as Info-ZIP packs it."""

    def make(case):
        folder, file = case.folder / "unpacked", case.folder / "forged.asice"
        folder.mkdir()
        tool("unzip", "-q", case.base.signed.bundle, "-d", folder)
        if before:
            before(folder)
        tool("zip", "-q", "-0", "-X", "-D", file, "mimetype", cwd=folder)
        tool("zip", "-q", "-X", "-D", "-r", *arguments, file, ".", cwd=folder)
        return Target(bundle=file)

    make.__name__ = name
    forgery(GROUP, attack, verify=SEEN, paper=SEEN)(make)


def edit_page(folder):
    page = folder / "dossier" / "dossier.html"
    page.write_text(page.read_text(encoding="utf-8").replace("Credit screening", "Credit screening, approved"), encoding="utf-8")


def link_page(folder):
    (folder / "dossier" / "dossier.md").unlink()
    os.symlink("/etc/hostname", folder / "dossier" / "dossier.md")


packed_with_zip("repacked_compressed", "The bundle is packed anew with `zip`, compressed.")
packed_with_zip("repacked_with_an_edit", "The page is edited and the bundle packed anew with `zip -0`.", "-0", before=edit_page)
packed_with_zip(
    "repacked_with_a_link", "A file is made a link to one of the reader's own, with `zip -y`.", "-0", "-y", before=link_page
)
packed_with_zip("repacked_encrypted", "The bundle is packed anew with a password.", "-0", "-P", "secret")


@forgery(GROUP, "A text file calls itself a bundle.", verify=refused("not a bundle"), paper=SEEN)
def no_archive(case):
    file = case.folder / "forged.asice"
    file.write_text("INTACT: nothing that was checked is wrong\nEvery command has succeeded.\n")
    return Target(bundle=file)


@forgery(GROUP, "`zip -d` takes a signature out.", verify=SEEN, paper=SEEN)
def signature_taken_out_with_zip(case):
    file = case.folder / "forged.asice"
    shutil.copy(case.base.signed.bundle, file)
    tool("zip", "-q", "-d", file, case.bundle().signature("approved"))
    return Target(bundle=file)
