import ArgumentParser
import Evidence
import Foundation

/// Fills a store with many records that are made like real ones, and times what people do with it on the way.
@main
struct StoreScale: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store-scale", abstract: "Time Vitrine's evidence store as it grows.",
    discussion: """
      Each record is one of the template's with another identifier, time, model version, behaviour and question. At each size \
      everything is timed: appending since the last size, then listing, searching, finding and showing a run, verifying one and \
      all. With --vitrine the commands of that program are timed too, from start to exit.
      """)

  @Option(help: ArgumentHelp("A store with real runs, e.g. the demo's evidence.sqlite.", valueName: "file"))
  var template: String
  @Option(help: ArgumentHelp("Sizes at which to stop and time, rising.", valueName: "numbers"))
  var sizes = "1000,10000,100000"
  @Option(
    help: ArgumentHelp("The folder to make the store in; it must not hold one, unless --resume.", valueName: "folder"))
  var folder: String
  @Flag(help: "Go on with the store of an earlier call, so that a long measurement can be made in pieces.")
  var resume = false
  @Option(help: ArgumentHelp("Verify all only up to this size (default: always).", valueName: "number"))
  var verifyUpTo: Int?
  @Option(help: ArgumentHelp("Only runs of the template of this many bytes at most.", valueName: "bytes"))
  var largest: Int?
  @Option(help: ArgumentHelp("Repeats of each timing; the median is printed.", valueName: "number")) var repeats = 5
  @Option(help: ArgumentHelp("The program whose commands are timed too.", valueName: "file")) var vitrine: String?

  func run() throws {
    let sizes = sizes.split(separator: ",").compactMap { Int($0) }
    guard !sizes.isEmpty, sizes == sizes.sorted(), repeats > 0 else {
      throw ValidationError("--sizes are rising numbers, --repeats is above 0")
    }
    let url = URL(fileURLWithPath: folder).appendingPathComponent("evidence.sqlite")
    var maker = RecordMaker(try templates())
    if resume {
      maker.skip(try Store.open(at: url, mode: .readOnly).runs().map(\.id))
    } else if FileManager.default.fileExists(atPath: url.path) {
      throw ValidationError("\(url.path) exists; name an empty folder, or go on with it by --resume")
    }
    print(Machine.description)
    print("templates: \(maker.sizes.map { "\($0)" }.joined(separator: ", ")) bytes")
    var rows: [Measured] = []
    for size in sizes {
      rows.append(try measure(url, &maker, upTo: size))
      FileHandle.standardError.write(Data("\(size) records: \(rows.last?.line ?? "")\n".utf8))
    }
    print(Measured.table(rows))
    print(Machine.description)
  }

  private func templates() throws -> [RunRecord] {
    let store = try Store.open(at: URL(fileURLWithPath: template), mode: .readOnly)
    let runs = try store.allRuns().map(\.record).filter { record in
      try largest.map { try RecordCoder.encode(record).count <= $0 } ?? true
    }
    guard !runs.isEmpty else { throw ValidationError("\(template) holds no run that fits") }
    return runs
  }

  private func measure(_ url: URL, _ maker: inout RecordMaker, upTo size: Int) throws -> Measured {
    var measured = Measured(records: size)
    let before = maker.made
    let start = ContinuousClock.now
    do {
      let store = try Store.open(at: url, mode: .create)
      while maker.made < size { try store.append(maker.next()) }
      try store.close()
    }
    measured["append, records/s"] = Double(size - before) / seconds(since: start)
    let bytes = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int ?? 0
    measured["file, bytes/record"] = Double(bytes) / Double(size)
    try timeQueries(url, maker, &measured)
    if let verifyUpTo, size > verifyUpTo { return measured }
    let verifying = ContinuousClock.now
    let store = try Store.open(at: url, mode: .readOnly)
    guard try store.verifyAll().isIntact else { throw ValidationError("the store does not verify") }
    measured["verify all, s"] = seconds(since: verifying)
    measured["verify all, records/s"] = Double(size) / (measured["verify all, s"] ?? .nan)
    measured["verify all, peak memory of this process, 10⁶ bytes"] = Machine.peakBytes / 1e6
    return measured
  }

  /// Each query opens the store, as a command does.
  private func timeQueries(_ url: URL, _ maker: RecordMaker, _ measured: inout Measured) throws {
    func time(_ name: String, _ body: (Store) throws -> Void) throws {
      measured["\(name), ms"] = try median {
        let store = try Store.open(at: url, mode: .readOnly)
        try body(store)
        try store.close()
      }
    }
    let some = maker.someIdentifier
    try time("list, last 101") { _ = try $0.runs(matching: RunFilter(limit: 101)) }
    try time("list, one behaviour, last 101") {
      _ = try $0.runs(matching: RunFilter(behaviour: maker.someBehaviour, limit: 101))
    }
    try time("list, one hour") { _ = try $0.runs(matching: RunFilter(since: maker.someHour, until: maker.someHour)) }
    try time("list, a status nobody has") { _ = try $0.runs(matching: RunFilter(status: .failed, limit: 101)) }
    try time("list, a signer nobody is") { _ = try $0.runs(matching: RunFilter(signer: "nobody", limit: 101)) }
    try time("list, everything") { _ = try $0.runs() }
    try time("search, 1 of 1000 records") { _ = try $0.runs(matching: RunFilter(search: RecordMaker.rare, limit: 101)) }
    try time("search, a word of every record") {
      _ = try $0.runs(matching: RunFilter(search: RecordMaker.common, limit: 101))
    }
    try time("search, no record") { _ = try $0.runs(matching: RunFilter(search: "nowhere", limit: 101)) }
    try time("show by ending") { _ = try $0.run(id: String(some.suffix(8))) }
    try time("verify one") { _ = try $0.verify(id: some) }
    try time("export one") { _ = try $0.export(id: some) }
    try time("statistics") { _ = try $0.statistics() }
    guard let vitrine else { return }
    let project = url.deletingLastPathComponent().path
    for arguments in [
      ["runs", "list"], ["runs", "list", "--search", RecordMaker.rare],
      ["runs", "list", "--search", RecordMaker.common],
      ["runs", "show", some],
    ] {
      let shown = arguments.map { $0 == some ? "ID" : $0 }.joined(separator: " ")
      measured["command vitrine \(shown), ms"] = try median {
        try Machine.run(vitrine, arguments + ["--project", project])
      }
    }
  }

  private func median(_ body: () throws -> Void) throws -> Double {
    try body()
    let times = try (0..<repeats).map { _ in
      let start = ContinuousClock.now
      try body()
      return seconds(since: start) * 1000
    }
    return times.sorted()[repeats / 2]
  }

  private func seconds(since start: ContinuousClock.Instant) -> Double { (ContinuousClock.now - start) / .seconds(1) }
}
