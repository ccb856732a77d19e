"""The store edited, cut, turned, replaced: what `runs verify` and `sign` say."""

import os
import shutil
import sqlite3

from . import sqlite
from .catalogue import Target, forgery, passes, refused

GROUP = "The store"
DAMAGED = r"runs-not-verified"


def alter(version="1.1", kind="evaluation", digest=True, regrow=False, forget=False):
    """An edit of a run's record, as far as the forger carries it on."""

    def statement(connection):
        sequence, document = sqlite.run(connection, kind, version)
        changed = sqlite.accuracy(document)
        if digest:
            sqlite.put(connection, sequence, changed)
        else:
            connection.execute("UPDATE entries SET document = ? WHERE sequence = ?", (changed, sequence))
        if regrow:
            sqlite.regrow(connection)
        if forget:
            connection.execute("DELETE FROM checkpoints")

    return statement


def store_forgery(name, attack, *statements, sign=refused(DAMAGED), runs=refused("WRONG"), clean=False):
    def make(case):
        site = case.ready()
        sqlite.edit(site, *statements)
        if clean:
            shutil.rmtree(site.folder / "checkpoints")
        return Target(site.folder)

    make.__name__ = name
    forgery(GROUP, attack, sign=sign, runs=runs)(make)


store_forgery("record_edited", "A number in a record is edited.", alter(digest=False), runs=refused("digest"))
store_forgery("record_and_digest_edited", "A number in a record is edited, and its digest made anew.", alter())
store_forgery(
    "record_digest_and_tree_edited",
    "A record is edited, its digest and the whole tree made anew.",
    alter(regrow=True),
    runs=refused("WRONG.*(checkpoint|signature)"),
)
store_forgery(
    "record_tree_and_no_checkpoints",
    "The same, and every checkpoint in store and project removed: the person's signature is left.",
    alter(regrow=True, forget=True),
    clean=True,
    runs=refused("WRONG.*signature|signature"),
)
for number, label in ((0, "0"), (1, "1"), (3, "3"), (99, "99"), (2147483647, "2147483647"), (-1, "minus_one")):
    store_forgery(
        "user_version_" + label,
        "A record and its digest are edited, then `PRAGMA user_version=%d`." % number,
        alter(),
        "PRAGMA user_version = %d" % number,
        sign=refused("runs-not-verified|version|schema"),
        runs=refused("WRONG|schema|version"),
    )
store_forgery(
    "user_version_0_alone",
    "`PRAGMA user_version=0` and nothing else.",
    "PRAGMA user_version = 0",
    sign=refused("version|schema"),
    runs=refused("version|schema"),
)
store_forgery(
    "application_id_changed",
    "`PRAGMA application_id=0`.",
    "PRAGMA application_id = 0",
    sign=refused("application|not a.*store|evidence store"),
    runs=refused("application|not a.*store|evidence store"),
)
store_forgery(
    "migrations_edited",
    "The table of migrations is emptied.",
    "DELETE FROM grdb_migrations",
    sign=refused("migration|schema|version"),
    runs=refused("migration|schema|version"),
)
store_forgery(
    "index_column_edited",
    "The index says that a run is of another model version.",
    "UPDATE runs SET model_version = '9.9' WHERE model_version = '1.1'",
)
store_forgery(
    "index_status_edited", "The index says that a run failed.", "UPDATE runs SET status = 'failed' WHERE kind = 'evaluation'"
)
store_forgery(
    "index_of_signatures_edited",
    "The index says that another person signed a run.",
    "UPDATE signatures SET name = 'Cy Example'",
    sign=refused("runs-not-verified"),
)
store_forgery(
    "node_edited", "A hash of the tree is another one.", "UPDATE nodes SET hash = zeroblob(32) WHERE level = 0 AND place = 2"
)
store_forgery("nodes_removed", "The hashes of the tree are removed.", "DELETE FROM nodes WHERE level > 0")
store_forgery(
    "checkpoint_edited",
    "The checkpoint in the store says another size.",
    "UPDATE checkpoints SET note = replace(note, char(10) || '9' || char(10), char(10) || '8' || char(10)), size = 8",
)
store_forgery(
    "checkpoint_of_nobody",
    "The checkpoint's signature is replaced by noise.",
    "UPDATE checkpoints SET note = substr(note, 1, length(note) - 30) || 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAA='",
)
store_forgery(
    "checkpoint_removed_from_store",
    "The checkpoint is deleted from the store; its file in `checkpoints/` is left, and says the same.",
    "DELETE FROM checkpoints",
    sign=passes("the records are whole, and the file in `checkpoints/` still holds for them"),
    runs=passes("the records are whole, and the file in `checkpoints/` still holds for them"),
)
store_forgery(
    "entry_removed",
    "A run that displeases is deleted, and the tree made anew.",
    "DELETE FROM signatures WHERE run = (SELECT id FROM runs WHERE kind = 'evaluation' AND model_version = '1.0')",
    "DELETE FROM entries WHERE subject = (SELECT id FROM runs WHERE kind = 'evaluation' AND model_version = '1.0')",
    "DELETE FROM entries WHERE sequence = (SELECT sequence FROM runs WHERE kind = 'evaluation' AND model_version = '1.0')",
    "DELETE FROM runs WHERE kind = 'evaluation' AND model_version = '1.0'",
    lambda connection: sqlite.regrow(connection),
)
store_forgery(
    "signature_removed",
    "A person's signature on a run is deleted from the end of the store, and the tree made anew.",
    "DELETE FROM signatures WHERE sequence = 9",
    "DELETE FROM entries WHERE sequence = 9",
    lambda connection: sqlite.regrow(connection),
)
store_forgery(
    "order_turned",
    "Two runs change their places.",
    "UPDATE entries SET position = 100 WHERE sequence = 2",
    "UPDATE entries SET position = 1 WHERE sequence = 3",
    "UPDATE entries SET position = 2 WHERE sequence = 2",
    lambda connection: sqlite.regrow(connection),
)
store_forgery(
    "record_not_canonical",
    "A record gets a blank and a second key of the same name, and everything else is made to fit.",
    lambda connection: sqlite.put(
        connection,
        4,
        connection.execute("SELECT document FROM entries WHERE sequence = 4").fetchone()[0].replace(b"{", b'{ "seed":7,', 1),
    ),
    lambda connection: sqlite.regrow(connection),
    "DELETE FROM checkpoints",
    clean=True,
)
SCHEMA = "rule|trigger|schema|table|view|index|not those"


def schema_forgery(name, attack, *statements):
    """An edit of the schema with the sqlite3 program."""

    def make(case):
        site = case.ready()
        sqlite.shell(site, ";\n".join(statements) + ";\n")
        return Target(site.folder)

    make.__name__ = name
    forgery(GROUP, attack, sign=refused(SCHEMA), runs=refused(SCHEMA))(make)


schema_forgery("trigger_dropped", "The rule against editing records is dropped.", "DROP TRIGGER entries_refuse_update")
schema_forgery(
    "trigger_replaced",
    "The rule against editing records is replaced by one of the same name that does nothing.",
    "DROP TRIGGER entries_refuse_update",
    "CREATE TRIGGER entries_refuse_update BEFORE UPDATE ON entries BEGIN SELECT 1; END",
)
schema_forgery(
    "trigger_added",
    "A rule of the forger's turns every later run into a finished one.",
    "CREATE TRIGGER favour AFTER INSERT ON runs BEGIN UPDATE runs SET status = 'finished'; END",
)
schema_forgery("table_added", "A table of the forger's is added.", "CREATE TABLE notes (text TEXT)")
schema_forgery("view_added", "A view of the forger's is added.", "CREATE VIEW accuracy AS SELECT 1.0 AS accuracy")
schema_forgery("index_dropped", "An index is dropped.", "DROP INDEX signatures_by_run")
schema_forgery(
    "table_becomes_view",
    "The table of the runs is hidden behind a view of the same name.",
    "PRAGMA writable_schema = ON",
    "ALTER TABLE runs RENAME TO real_runs",
    "CREATE VIEW runs AS SELECT * FROM real_runs WHERE kind = 'evaluation'",
)
schema_forgery(
    "check_removed",
    "A CHECK is taken out of the schema through `PRAGMA writable_schema`.",
    "PRAGMA writable_schema = ON",
    "UPDATE sqlite_master SET sql = replace(sql, 'CHECK (position >= 0)', '') WHERE name = 'entries'",
)


@forgery(
    GROUP,
    "The file is cut off in the middle.",
    sign=refused("malformed|cut|damaged|disk image|not whole"),
    runs=refused("malformed|cut|damaged|disk image|not whole|WRONG"),
)
def store_cut(case):
    site = case.ready()
    sqlite.shell(site, "PRAGMA wal_checkpoint(TRUNCATE);")
    os.truncate(sqlite.store(site), sqlite.store(site).stat().st_size // 2 // 4096 * 4096)
    return Target(site.folder)


@forgery(GROUP, "Eight bytes in the middle of a record are overwritten in the file.", sign=refused(DAMAGED), runs=refused("WRONG"))
def store_bytes(case):
    site = case.ready()
    sqlite.shell(site, "PRAGMA wal_checkpoint(TRUNCATE);")
    data = bytearray(sqlite.store(site).read_bytes())
    place = data.index(b'"status":"finished"')
    data[place + 10 : place + 18] = b"finish3d"
    sqlite.store(site).write_bytes(data)
    return Target(site.folder)


@forgery(
    GROUP,
    "An edited record waits in a write-ahead log (`-wal`) beside an untouched file.",
    sign=refused(DAMAGED),
    runs=refused("WRONG"),
)
def edit_in_the_wal(case):
    site = case.ready()
    original = sqlite.store(site).read_bytes()
    connection = sqlite3.connect(sqlite.store(site))
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute("DROP TRIGGER " + name)
    alter()(connection)
    for _, sql in triggers:
        connection.execute(sql)
    connection.commit()
    kept = case.folder / "kept-wal"
    shutil.copy(site.folder / "evidence.sqlite-wal", kept)
    connection.close()
    sqlite.store(site).write_bytes(original)
    for file in site.folder.glob("evidence.sqlite-*"):
        file.unlink()
    shutil.copy(kept, site.folder / "evidence.sqlite-wal")
    return Target(site.folder)


@forgery(
    GROUP,
    "The write-ahead log of another store is put beside the file: SQLite takes its pages for the file's.",
    sign=refused(DAMAGED + "|malformed|damaged|disk image|tampered"),
    runs=refused("WRONG|malformed|damaged|disk image"),
)
def wal_of_another_store(case):
    site, other = case.ready(), case.copy(case.base.another_system, "other")
    connection = sqlite3.connect(sqlite.store(other))
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("CREATE TABLE forged (x)")
    connection.commit()
    shutil.copy(other.folder / "evidence.sqlite-wal", case.folder / "kept-wal")
    connection.close()
    sqlite.shell(site, "PRAGMA wal_checkpoint(TRUNCATE);")
    for file in site.folder.glob("evidence.sqlite-*"):
        file.unlink()
    shutil.copy(case.folder / "kept-wal", site.folder / "evidence.sqlite-wal")
    return Target(site.folder)


APPENDED = (
    "what is appended by the rules of the log looks like a run; `sign` asks who signed it, and a checkpoint does not cover it"
)


def append_run(site, change):
    """Appends a copy of a run's record with another id, as SQL allows without touching a rule."""
    connection = sqlite3.connect(sqlite.store(site))
    columns = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
    sequence, document = sqlite.run(connection, "evaluation", "1.1")
    row = dict(zip(columns, connection.execute("SELECT * FROM runs WHERE sequence = ?", (sequence,)).fetchone()))
    last, position = connection.execute("SELECT max(sequence), max(position) FROM entries").fetchone()
    identifier = row["id"][:-6] + "abcdef"
    document = change(document.replace(row["id"].encode(), identifier.encode()))
    row.update(sequence=last + 1, id=identifier, sha256=sqlite.sha256(document))
    times = {key: change(row[key].encode()).decode() for key in ("started", "ended")}
    row.update(times)
    connection.execute(
        "INSERT INTO entries (sequence, log, position, kind, id, sha256, document) VALUES (?, 1, ?, 'run', ?, ?, ?)",
        (last + 1, position + 1, identifier, row["sha256"], document),
    )
    connection.execute(
        "INSERT INTO runs (%s) VALUES (%s)" % (", ".join(columns), ", ".join("?" * len(columns))), [row[name] for name in columns]
    )
    known = {tuple(key) for key in connection.execute("SELECT level, place FROM nodes")}
    level, hashes = 0, [sqlite.leaf(item[0]) for item in connection.execute("SELECT document FROM entries ORDER BY position")]
    while hashes:
        for place, value in enumerate(hashes):
            if (level, place) not in known:
                connection.execute("INSERT INTO nodes (log, level, place, hash) VALUES (1, ?, ?, ?)", (level, place, value))
        hashes = [sqlite.inner(hashes[place], hashes[place + 1]) for place in range(0, len(hashes) - 1, 2)]
        level += 1
    connection.commit()
    connection.close()


@forgery(
    GROUP,
    "A better run is appended with SQL, by every rule of the log.",
    sign=refused("runs-unsigned"),
    runs=passes(APPENDED, says="checkpoint"),
)
def better_run_appended(case):
    site = case.ready()
    append_run(site, lambda data: sqlite.accuracy(data) if data.startswith(b"{") else data)
    return Target(site.folder)


def dated(year):
    import re

    return lambda data: re.sub(rb"20\d\d(-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ)", year + rb"\1", data)


@forgery(GROUP, "A run is appended that is dated 2045.", sign=refused("future|2045|runs-unsigned"), runs=refused("2045|future"))
def run_of_the_future(case):
    site = case.ready()
    append_run(site, dated(b"2045"))
    return Target(site.folder)


@forgery(
    GROUP,
    "A run is appended that is dated 2019, before all the others.",
    sign=refused("2019|runs-not-verified|order"),
    runs=refused("2019|order|before"),
)
def run_of_the_past(case):
    site = case.ready()
    append_run(site, dated(b"2019"))
    return Target(site.folder)
