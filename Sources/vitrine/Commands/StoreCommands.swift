import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project
import Reports

struct StoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store", abstract: "Sign, merge, back up and count the store of runs.",
    discussion: """
      The store is evidence.sqlite in the project's folder. Every record is a leaf of a Merkle tree; a checkpoint signs the \
      tree as it is, so that later edits, removals and truncation show. Nothing is ever deleted by these commands.
      """,
    subcommands: [
      StoreCheckpoint.self, StoreMergeCommand.self, StoreBackup.self, StoreRescue.self, StoreStats.self,
      StoreReindex.self,
    ])
}

struct StoreCheckpoint: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Sign what the store holds now.",
    discussion: """
      Writes checkpoints/SIZE-KEYID.txt, a signed note (c2sp.org/tlog-checkpoint) of three lines: the log's name, the number of \
      records and the root of their tree. It is kept in the store too. Send the file to somebody else, or keep it where you \
      cannot change it yourself: only a checkpoint from elsewhere shows that a store was cut off or replaced.

      The key (Ed25519) is made the first time and stays in vitrine/logs of your configuration folder; its public half goes into \
      the project's keys/. A store of an older schema gets its log first.
      """)

  @OptionGroup var project: ProjectOptions
  @OptionGroup var output: OutputOptions

  private struct Written: Encodable {
    let origin: String
    let size: Int
    let rootSha256: String
    let key: String
    let file: String
    let note: String
  }

  func run() async throws {
    let folder = try project.url()
    let store = try Store.open(at: try project.storeFile(), mode: .readWrite)
    guard let own = try store.logs().first(where: \.isOwn) else { throw ExitCode(ExitStatus.internalError.rawValue) }
    let (key, isNew) = try UserKeys.ofUser().logKey(origin: own.origin)
    let (checkpoint, verifier) = try store.checkpoint(key: key)
    try checkpoint.publish(verifier, in: folder)
    let file = "checkpoints/\(checkpoint.fileName)"
    if output.json {
      return Console.out(
        try CanonicalJSON.encode(
          Written(
            origin: checkpoint.origin, size: checkpoint.size, rootSha256: checkpoint.root.hex, key: verifier.text,
            file: file,
            note: String(decoding: checkpoint.data, as: UTF8.self))))
    }
    Console.out("Signed \(checkpoint.size) records of \(checkpoint.origin)")
    Console.out("  root          \(checkpoint.root.hex)")
    Console.out("  checkpoint    \(file)  (keep a copy where nobody who can write this folder can change it)")
    Console.out("  verifier key  \(verifier.text)")
    if isNew {
      Console.out(
        "The key is new. Its public half is in keys/; give it to those who will verify, by another way than the store.")
    }
  }
}

struct StoreMergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Take over the runs of other stores, with their history.",
    discussion: """
      Each log keeps its own name, records, tree and checkpoints, so what was proved before can still be proved; the project's \
      own log gets one record that says what came. The store is made if there is none. Merging a store again brings only what \
      is new. Stores that contradict each other are refused, with the record's name, and nothing is changed.
      """)

  @Argument(help: "Stores to take over: evidence.sqlite files, or project folders.") var stores: [String]
  @OptionGroup var project: ProjectOptions
  @OptionGroup var output: OutputOptions

  private struct Merged: Encodable {
    let store: String
    let outcome: MergeOutcome
  }

  func run() async throws {
    // Every store must open before one is made or changed.
    let others = try stores.map { path in
      var isFolder: ObjCBool = false
      let url = URL(fileURLWithPath: path)
      let found = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      return try Store.open(
        at: found && isFolder.boolValue ? url.appendingPathComponent("evidence.sqlite") : url, mode: .readOnly)
    }
    let store = try Store.open(at: try project.storeFile(), mode: .create)
    var merged: [Merged] = []
    for (path, other) in zip(stores, others) {
      let outcome = try store.merge(other)
      let (taken, lacking) = try AttachmentFiles(besideStore: store.url).takeOver(
        other.documents(AttachmentRecord.self), from: AttachmentFiles(besideStore: other.url))
      if taken > 0 { Console.err("\(path): took over \(taken) attached files into evidence/files/") }
      for record in lacking {
        Console.err(
          "warning: \(path): the file of the attachment \(record.id) is not beside that store: \(record.sha256)")
      }
      merged.append(Merged(store: path, outcome: outcome))
      guard !output.json else { continue }
      if outcome.logs.isEmpty {
        Console.out("\(path): nothing new\(outcome.checkpoints > 0 ? " but \(outcome.checkpoints) checkpoints" : "")")
      } else {
        Console.out("\(path): \(outcome.runs) runs, \(outcome.checkpoints) checkpoints")
        for block in outcome.logs {
          Console.out("  entries \(block.from) to \(block.size - 1) of log \(block.origin), root \(block.rootSha256)")
        }
      }
    }
    if output.json { Console.out(try CanonicalJSON.encode(merged)) }
  }
}

struct StoreBackup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy the store while others write, and verify the copy.",
    discussion: """
      Uses SQLite's online backup, so analyses may go on. The copy gets its name when it is whole, on the disk and verified; it \
      replaces nothing. Documentation of a high-risk system is to be kept for 10 years after it was placed on the market or put \
      into service (Article 18): keep copies, with a checkpoint, in more than one place.
      """)

  @Argument(help: "The file to write; it must not exist.") var file: String
  @OptionGroup var project: ProjectOptions

  func run() async throws {
    let store = try Store.open(at: try project.storeFile(), mode: .readOnly)
    let verification = try store.backup(to: URL(fileURLWithPath: file))
    let digest = try SHA256.digest(of: try Data(contentsOf: URL(fileURLWithPath: file))).hex
    Console.out(
      "Wrote \(file): \(verification.runs.count) runs, \(verification.entries.count) records, all verified in the copy")
    Console.out("  SHA-256 \(digest)")
    if try !store.documents(AttachmentRecord.self).isEmpty {
      Console.out("  Attached files are not in the store: copy the folder evidence/ too")
    }
  }
}

struct StoreRescue: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rescue", abstract: "Take in records that could not be stored because the store was moved.",
    discussion: """
      If evidence.sqlite is removed, replaced or overwritten while a command works, the command ends with 74 and writes the \
      record beside it, as evidence.rescued-ID.json. Put the right store in its place, then take the record in. A run comes in \
      a log of its own, by a merge, since it did not follow the other records when it was made. The file stays where it is.
      """)

  @Argument(help: "Files named evidence.rescued-ID.json.") var files: [String]
  @OptionGroup var project: ProjectOptions

  func run() async throws {
    let store = try Store.open(at: try project.storeFile(), mode: .create)
    for file in files {
      let (id, kind) = try Rescue.takeIn(URL(fileURLWithPath: file), into: store)
      Console.out("Took in \(kind) \(id); \(file) is no longer needed")
    }
  }
}

struct StoreStats: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Count what the store holds, and say until when it is to be kept.",
    discussion: """
      The provider keeps the documentation of a high-risk system for 10 years after it was placed on the market or put into \
      service (Article 18(1)); the date is 'placed_on_market' under 'system' of vitrine.yaml. The date is shown and nothing more: \
      this program never deletes a record. The counts are not a verification; 'vitrine runs verify' is.
      """)

  @OptionGroup var project: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let store = try Store.open(at: try project.storeFile(), mode: .readOnly)
    var dates: [String: String] = [:]
    if case .success(let project) = try project.loadIfThere(), let date = project.system.placedOnMarket {
      dates[project.system.name] = date
    }
    let statistics = try store.statistics(placedOnMarket: dates)
    if output.json { return Console.out(try CanonicalJSON.encode(statistics)) }
    Console.out(text(statistics))
  }

  private func text(_ statistics: StoreStatistics) -> String {
    var lines = ["evidence.sqlite: \(statistics.bytes) bytes, schema \(statistics.schema)", "", "RECORDS"]
    let counts = statistics.entries.flatMap { entry in
      [entry]
        + (entry.name == RunRecord.kind ? statistics.runs : [])
        .map { .init(name: "  \($0.name)", count: $0.count, bytes: $0.bytes) }
    }
    lines += Format.table(
      [["kind", "number", "bytes", "bytes each"]]
        + counts.map { [$0.name, "\($0.count)", "\($0.bytes)", "\($0.count == 0 ? 0 : $0.bytes / $0.count)"] }
    ).split(separator: "\n").map { "  \($0)" }
    lines += ["", "LOGS"]
    for entry in statistics.logs {
      lines.append("  \(entry.log.origin)\(entry.log.isOwn ? "  (this store's own)" : "  (merged)")")
      lines.append("    \(entry.log.size) records, root \(entry.log.rootSha256)")
      let covered = entry.checkpointSize.map { size in
        size == entry.log.size
          ? "the last covers all" : "the last covers \(size); \(entry.log.size - size) records came since"
      }
      lines.append(
        "    \(entry.checkpoints) checkpoints\(covered.map { ", \($0)" } ?? " ('vitrine store checkpoint' makes one)")")
    }
    lines += ["", "TO BE KEPT (Article 18(1): 10 years after placing on the market or putting into service)"]
    for system in statistics.systems {
      let until = system.keepUntil.map {
        "until \($0), placed on the market or put into service \(system.placedOnMarket ?? "")"
      }
      lines.append(
        "  \(system.name): \(system.runs) \(system.runs == 1 ? "run" : "runs"), \(system.first.prefix(10)) to \(system.last.prefix(10))"
      )
      lines.append(
        "    \(until ?? "vitrine.yaml gives no date 'placed_on_market' for it, so the period has not begun or is not known")"
      )
    }
    return lines.joined(separator: "\n")
  }
}

struct StoreReindex: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reindex", abstract: "Make the index of words anew, from the records.",
    discussion: """
      'vitrine runs list --search' looks words up in an index that is derived from the records and is not evidence. What it finds \
      is looked up in the records again, so a damaged index can invent nothing, but it can miss runs. No record is changed.
      """)

  @OptionGroup var project: ProjectOptions

  func run() async throws {
    let store = try Store.open(at: try project.storeFile(), mode: .readWrite)
    Console.out("Indexed \(try store.rebuildSearchIndex()) records of evidence.sqlite")
  }
}
