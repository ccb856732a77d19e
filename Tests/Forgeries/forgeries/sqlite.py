"""The store as an outsider edits it, with SQLite alone."""

import sqlite3

from .base import tool
from .containers import inner, leaf, sha256


def store(site):
    return site.folder / "evidence.sqlite"


def shell(site, script):
    """The sqlite3 program."""
    return tool("sqlite3", "-bail", store(site), input=script.encode()).decode()


def edit(site, *statements):
    """Drops every trigger, edits, puts the triggers back as they were."""
    connection = sqlite3.connect(store(site))
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute("DROP TRIGGER " + name)
    for statement in statements:
        if callable(statement):
            statement(connection)
        else:
            connection.execute(*(statement if isinstance(statement, tuple) else (statement,)))
    for _, sql in triggers:
        connection.execute(sql)
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def documents(connection):
    """(sequence, kind, id, document) in order."""
    return connection.execute("SELECT sequence, kind, id, document FROM entries ORDER BY sequence").fetchall()


def run(connection, kind="analysis", version="1.1"):
    """The entry of a run: its sequence and document."""
    return connection.execute(
        "SELECT entries.sequence, document FROM entries JOIN runs USING (sequence) WHERE runs.kind = ? AND model_version = ?",
        (kind, version),
    ).fetchone()


def put(connection, sequence, document):
    """A document and its digest, wherever it stands."""
    digest = sha256(document)
    connection.execute("UPDATE entries SET document = ?, sha256 = ? WHERE sequence = ?", (document, digest, sequence))
    connection.execute("UPDATE runs SET sha256 = ? WHERE sequence = ?", (digest, sequence))


def regrow(connection):
    """The tree's hashes made anew from the documents: every complete subtree."""
    leaves = [leaf(row[0]) for row in connection.execute("SELECT document FROM entries ORDER BY position")]
    connection.execute("DELETE FROM nodes")
    level, row = 0, leaves
    while row:
        connection.executemany(
            "INSERT INTO nodes (log, level, place, hash) VALUES (1, ?, ?, ?)",
            [(level, place, value) for place, value in enumerate(row)],
        )
        row = [inner(row[place], row[place + 1]) for place in range(0, len(row) - 1, 2)]
        level += 1


def accuracy(document):
    """A run's record in which a number is another one."""
    old = b'"status":"finished"'
    assert old in document
    for number in (b"0.9166666666666666", b"0.9166666865348816"):
        if number in document:
            return document.replace(number, b"0.9766666666666666")
    import re

    changed, count = re.subn(
        rb'("mean":-?0\.0\d)(\d)', lambda match: match[1] + (b"1" if match[2] != b"1" else b"2"), document, count=1
    )
    assert count == 1, document[:3000]
    return changed
