extension StoreSchema {
  /// Schema 1: runs with their documents, without a log.
  static let schema1 = """
    CREATE TABLE runs (
      sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
      id TEXT NOT NULL UNIQUE CHECK (length(id) = 36 AND id NOT GLOB '*[^-0-9a-f]*'),
      sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
      kind TEXT NOT NULL CHECK (kind <> ''),
      status TEXT NOT NULL CHECK (status IN ('finished', 'refused', 'failed')),
      started TEXT NOT NULL CHECK (started GLOB '????-??-??T??:??:??.???Z'),
      ended TEXT NOT NULL CHECK (ended GLOB '????-??-??T??:??:??.???Z'),
      system TEXT NOT NULL,
      model_version TEXT NOT NULL,
      behaviour TEXT,
      model_sha256 TEXT NOT NULL CHECK (length(model_sha256) = 64 AND model_sha256 NOT GLOB '*[^0-9a-f]*'),
      program_version TEXT NOT NULL,
      document BLOB NOT NULL CHECK (json_valid(CAST(document AS TEXT)))
    ) STRICT;

    CREATE INDEX runs_by_version ON runs (model_version, behaviour, kind);

    CREATE TRIGGER runs_refuse_update BEFORE UPDATE ON runs BEGIN
      SELECT RAISE(ABORT, 'Vitrine evidence store: a run record is evidence and cannot be changed; run it again instead');
    END;

    CREATE TRIGGER runs_refuse_delete BEFORE DELETE ON runs BEGIN
      SELECT RAISE(ABORT, 'Vitrine evidence store: a run record is evidence and cannot be deleted');
    END;

    CREATE TRIGGER runs_refuse_replace BEFORE INSERT ON runs
    WHEN EXISTS (SELECT 1 FROM runs WHERE id = NEW.id OR sequence = NEW.sequence) BEGIN
      SELECT RAISE(ABORT, 'Vitrine evidence store: a run with this id or sequence exists and cannot be replaced');
    END;

    CREATE TRIGGER runs_in_sequence AFTER INSERT ON runs
    WHEN NEW.sequence > 1 AND NOT EXISTS (SELECT 1 FROM runs WHERE sequence = NEW.sequence - 1) BEGIN
      SELECT RAISE(ABORT, 'Vitrine evidence store: runs are numbered without gaps; leave the sequence to the store');
    END;
    """

  /// Schema 2: everything that was appended, as leaves of logs.
  static let schema2 = [tables2, indexes2, triggers2].joined(separator: "\n")

  private static let isIdentifier = "length(id) = 36 AND id NOT GLOB '*[^-0-9a-f]*'"
  private static let isDigest = "length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'"

  private static let tables2 = """
    CREATE TABLE logs (
      log INTEGER PRIMARY KEY CHECK (log >= 1),
      origin TEXT NOT NULL UNIQUE CHECK (origin <> '')
    ) STRICT;

    CREATE TABLE entries (
      sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
      log INTEGER NOT NULL REFERENCES logs (log),
      position INTEGER NOT NULL CHECK (position >= 0),
      kind TEXT NOT NULL CHECK (kind <> ''),
      id TEXT NOT NULL UNIQUE CHECK (\(isIdentifier)),
      subject TEXT,
      sha256 TEXT NOT NULL CHECK (\(isDigest)),
      document BLOB NOT NULL CHECK (json_valid(CAST(document AS TEXT))),
      UNIQUE (log, position)
    ) STRICT;

    CREATE TABLE nodes (
      log INTEGER NOT NULL REFERENCES logs (log),
      level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 62),
      place INTEGER NOT NULL CHECK (place >= 0),
      hash BLOB NOT NULL CHECK (length(hash) = 32),
      PRIMARY KEY (log, level, place)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE runs (
      sequence INTEGER PRIMARY KEY REFERENCES entries (sequence),
      id TEXT NOT NULL UNIQUE CHECK (\(isIdentifier)),
      sha256 TEXT NOT NULL CHECK (\(isDigest)),
      kind TEXT NOT NULL CHECK (kind <> ''),
      status TEXT NOT NULL CHECK (status IN ('finished', 'refused', 'failed')),
      started TEXT NOT NULL CHECK (started GLOB '????-??-??T??:??:??.???Z'),
      ended TEXT NOT NULL CHECK (ended GLOB '????-??-??T??:??:??.???Z'),
      system TEXT NOT NULL,
      model_version TEXT NOT NULL,
      behaviour TEXT,
      methods TEXT NOT NULL,
      model_sha256 TEXT NOT NULL CHECK (length(model_sha256) = 64 AND model_sha256 NOT GLOB '*[^0-9a-f]*'),
      program_version TEXT NOT NULL
    ) STRICT;

    CREATE TABLE signatures (
      sequence INTEGER PRIMARY KEY REFERENCES entries (sequence),
      run TEXT NOT NULL,
      name TEXT NOT NULL,
      meaning TEXT NOT NULL,
      date TEXT NOT NULL CHECK (date GLOB '????-??-??T??:??:??.???Z')
    ) STRICT;

    CREATE TABLE checkpoints (
      sequence INTEGER PRIMARY KEY CHECK (sequence >= 1),
      log INTEGER NOT NULL REFERENCES logs (log),
      size INTEGER NOT NULL CHECK (size >= 1),
      note TEXT NOT NULL CHECK (note <> ''),
      key TEXT NOT NULL CHECK (key <> ''),
      UNIQUE (log, size, key)
    ) STRICT;
    """

  private static let indexes2 = """
    CREATE INDEX entries_by_subject ON entries (subject) WHERE subject IS NOT NULL;
    CREATE INDEX entries_by_kind ON entries (kind);
    CREATE INDEX runs_by_version ON runs (model_version, behaviour, kind);
    CREATE INDEX runs_by_started ON runs (started);
    CREATE INDEX runs_by_ending ON runs (substr(id, -6));
    CREATE INDEX signatures_by_run ON signatures (run);
    """

  /// The triggers of every table.
  private static let triggers2 = [
    refusals("logs", "a log", exists: "log = NEW.log OR origin = NEW.origin"),
    gapless("logs", "log", from: 1, "logs are numbered without gaps"),
    refusals(
      "entries", "an entry",
      exists: "id = NEW.id OR sequence = NEW.sequence OR (log = NEW.log AND position = NEW.position)"),
    gapless("entries", "sequence", from: 1, "entries are numbered without gaps"),
    gapless("entries", "position", from: 0, within: "log", "the entries of a log are numbered without gaps"),
    refusals("nodes", "a hash of the tree", exists: "log = NEW.log AND level = NEW.level AND place = NEW.place"),
    refusals("runs", "a run record", exists: "id = NEW.id OR sequence = NEW.sequence"),
    refusals("signatures", "a signature", exists: "sequence = NEW.sequence"),
    refusals(
      "checkpoints", "a checkpoint",
      exists: "sequence = NEW.sequence OR (log = NEW.log AND size = NEW.size AND key = NEW.key)"),
    gapless("checkpoints", "sequence", from: 1, "checkpoints are numbered without gaps"),
  ].joined(separator: "\n")

  /// The triggers that refuse to change, delete or replace rows.
  private static func refusals(_ table: String, _ what: String, exists: String) -> String {
    """
    CREATE TRIGGER \(table)_refuse_update BEFORE UPDATE ON \(table) BEGIN
      SELECT RAISE(ABORT, 'Vitrine evidence store: \(what) is evidence and cannot be changed');
    END;

    CREATE TRIGGER \(table)_refuse_delete BEFORE DELETE ON \(table) BEGIN
      SELECT RAISE(ABORT, 'Vitrine evidence store: \(what) is evidence and cannot be deleted');
    END;

    CREATE TRIGGER \(table)_refuse_replace BEFORE INSERT ON \(table)
    WHEN EXISTS (SELECT 1 FROM \(table) WHERE \(exists)) BEGIN
      SELECT RAISE(ABORT, 'Vitrine evidence store: \(what) with these keys exists and cannot be replaced');
    END;

    """
  }

  /// The trigger that lets a number grow by one only.
  private static func gapless(
    _ table: String, _ column: String, from first: Int, within group: String? = nil, _ rule: String
  ) -> String {
    let same = group.map { "\($0) = NEW.\($0) AND " } ?? ""
    return """
      CREATE TRIGGER \(table)_in_\(column) AFTER INSERT ON \(table)
      WHEN NEW.\(column) > \(first) AND NOT EXISTS (
        SELECT 1 FROM \(table) WHERE \(same)\(column) = NEW.\(column) - 1) BEGIN
        SELECT RAISE(ABORT, 'Vitrine evidence store: \(rule); leave the numbers to the store');
      END;

      """
  }
}
