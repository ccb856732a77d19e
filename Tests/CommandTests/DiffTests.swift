import Foundation
import Testing

@Suite("vitrine diff")
struct DiffTests {
  private static let places = ["store", "park", "school", "office", "garden", "hospital", "restaurant", "house"]

  /// An analysed project with the indirect-object model and what `change` makes of a copy of it.
  private func project(_ change: (Scratch) throws -> Void = { _ in }) async throws -> Scratch {
    let project = try Scratch()
    try project.copy(Sample.ioi, to: "models/a")
    try project.copy(Sample.ioi, to: "models/b")
    try change(project)
    let yaml = Sample.project(
      behaviours: [("names", Self.places.map { Sample.pair($0) })],
      analysis: ["methods: [exact-patching, attribution-patching, circuit]"])
    try project.write(
      yaml.replacing(
        "  1.0: {folder: \"\(Sample.repositoryPath(Sample.ioi))\"}",
        with: "  1.0: {folder: models/a}\n  1.1: {folder: models/b, supersedes: 1.0}"), to: "vitrine.yaml")
    let analysed = try await Program.vitrine("analyze", project.path)
    #expect(analysed.status == 0, "\(analysed)")
    return project
  }

  @Test("of the same model twice is byte-identical, exits 0, follows its schema, and writes its four files")
  func same() async throws {
    let project = try await project()
    let result = try await Program.vitrine("diff", "1.0", "1.1", "--project", project.path)
    #expect(result.status == 0 && result.out.contains("Byte-identical"), "\(result)")
    let json = try await Program.vitrine("diff", "1.0", "1.1", "--project", project.path, "--json").json()
    #expect(try Schema("diff").problems(of: json) == [])
    #expect(json["outcome"]?["is_identical"] == .bool(true))
    let files = try project.files().filter { $0.hasPrefix("diff/") }
    #expect(files == ["diff.html", "diff.json", "diff.md", "worksheet.yaml"].map { "diff/1.0-1.1/\($0)" })
    let all = try await Program.vitrine("diff", "--all", "--project", project.path, "--json")
    #expect(try Schema("history").problems(of: try all.json()) == [])
  }

  @Test("of a copy with permuted heads says: the same function, heads in other places, circuits that carry over")
  func permuted() async throws {
    // The heads of layer 0 and of layer 1 move on by one place.
    let project = try await project { project in
      let file = project.url("models/b/model.safetensors")
      try PermutedHeads(layers: [0, 1]).rewrite(file)
    }
    let json = try await Program.vitrine("diff", "1.0", "1.1", "--project", project.path, "--json").json()
    #expect(try Schema("diff").problems(of: json) == [])
    let mechanism = try #require(json["mechanisms"]?[0])
    #expect(mechanism["is_same_function"] == .bool(true), "\(mechanism["largest_difference"]?.number ?? -1)")
    #expect(mechanism["identity"] == .string("by-profile"))
    let moved = mechanism["moved"]?.array ?? []
    #expect(!moved.isEmpty)
    for move in moved {
      let (before, after) = (move["before"]?.string ?? "", move["after"]?.string ?? "")
      #expect(PermutedHeads.isMove(before, after, heads: try heads(project)), "\(before) to \(after)")
    }
    // The circuits are the same under the pairing, though no head of these layers has the same name.
    let page = try String(contentsOf: project.url("diff/1.0-1.1/diff.md"), encoding: .utf8)
    #expect(page.contains("**Lost**: `none`") && page.contains("**Gained**: `none`"))
    #expect(page.contains("Heads in both") && page.contains(" as L"))
    // Both circuits were measured on both models, and the record is kept: a second comparison gives the same bytes.
    #expect(mechanism["transfer"]?["scores"]?.array?.count == 2)
    let again = try await Program.vitrine("diff", "1.0", "1.1", "--project", project.path, "--json").json()
    #expect(again == json)
    #expect(json["model"]?["tensors"]?["changed"]?.array?.isEmpty == false)
    let verified = try await Program.vitrine("runs", "verify", "--project", project.path)
    #expect(verified.status == 0, "\(verified)")
  }

  private func heads(_ project: Scratch) throws -> Int {
    let configuration = try JSON(String(contentsOf: project.url("models/a/config.json"), encoding: .utf8))
    return Int(configuration["n_head"]?.number ?? 0)
  }

  @Test("of dossier files needs neither store nor models, and tests nothing without the records")
  func dossiers() async throws {
    let project = try await project()
    _ = try await Program.vitrine("dossier", "build", "--project", project.path)
    let elsewhere = try Scratch()
    for version in ["1.0", "1.1"] {
      try FileManager.default.copyItem(
        at: project.url("dossier/\(version)/dossier.json"), to: elsewhere.url("\(version).json"))
    }
    let result = try await Program.start(["diff", "1.0.json", "1.1.json", "--json"], in: elsewhere.folder).finished()
    #expect(result.status == 0, "\(result)")
    let json = try result.json()
    #expect(try Schema("diff").problems(of: json) == [])
    #expect(json["rows"]?.array?.allSatisfy { $0["verdict"] == .string("not-tested") } == true)
    // In the project the same files find their records again.
    let inside = try await Program.vitrine(
      "diff", project.url("dossier/1.0").path, project.url("dossier/1.1/dossier.json").path, "--project", project.path,
      "--json"
    ).json()
    #expect(inside["rows"]?.array?.allSatisfy { $0["verdict"] == .string("identical") } == true)
  }

  @Test("a missing version exits 1 and names those that there are; a file that is no dossier exits 65")
  func missing() async throws {
    let project = try Sample.folder()
    let missing = try await Program.vitrine("diff", "1.0", "9.9", "--project", project.path)
    #expect(missing.status == 1 && missing.err.contains("'9.9'") && missing.err.contains("1.0"), "\(missing)")
    try project.write("{\"schema\": \"something\"}", to: "x.json")
    let bad = try await Program.vitrine("diff", "1.0", project.url("x.json").path, "--project", project.path)
    #expect(bad.status == 65 && bad.err.contains("x.json"), "\(bad)")
    let wrong = try await Program.vitrine("diff", "1.0", "--project", project.path)
    #expect(wrong.status == 64, "\(wrong)")
    #expect(try project.files().filter { $0.hasPrefix("diff") } == [])
  }

  @Test("a filled-in worksheet is signed into the log and stands in the next dossier under point 6")
  func decision() async throws {
    let project = try await project()
    _ = try await Program.vitrine("diff", "1.0", "1.1", "--project", project.path)
    let path = "diff/1.0-1.1/worksheet.yaml"
    let early = try await Program.vitrine("diff", "sign", project.url(path).path, "--project", project.path)
    #expect(early.status == 65 && early.err.contains("not filled in"), "\(early)")
    let filled = try fillIn(project, path)
    let key = try await Program.shell(
      "openssl genpkey -algorithm ed25519 -out key.pem 2>&1", in: project.folder)
    #expect(key.status == 0, "\(key)")
    let signed = try await Program.vitrine(
      "diff", "sign", project.url(path).path, "--project", project.path, "--key-file", project.url("key.pem").path)
    #expect(signed.status == 0 && signed.out.contains("not a substantial modification"), "\(signed)")
    let verified = try await Program.vitrine("runs", "verify", "--project", project.path)
    #expect(verified.status == 0, "\(verified)")
    _ = try await Program.vitrine("dossier", "build", "--project", project.path)
    let dossier = try JSON(String(contentsOf: project.url("dossier/1.1/dossier.json"), encoding: .utf8))
    #expect(dossier["change_history"]?[0]?["reason"] == .string("nothing moved"))
    #expect(try Schema("dossier").problems(of: dossier) == [])
    let markdown = try String(contentsOf: project.url("dossier/1.1/dossier.md"), encoding: .utf8)
    #expect(markdown.contains("Ada Example, Head of Risk"))
    #expect(
      try JSON(String(contentsOf: project.url("dossier/1.0/dossier.json"), encoding: .utf8))["change_history"] == nil)
    // What a person wrote is not overwritten.
    _ = try await Program.vitrine("diff", "1.0", "1.1", "--project", project.path)
    #expect(try String(contentsOf: project.url(path), encoding: .utf8) == filled)
  }

  @Test("a decision signed elsewhere with openssl is taken back, once, while the worksheet says what was signed")
  func signedElsewhere() async throws {
    let project = try await project()
    _ = try await Program.vitrine("diff", "1.0", "1.1", "--project", project.path)
    let path = "diff/1.0-1.1/worksheet.yaml"
    func sign(_ options: String...) async throws -> Finished {
      try await Program.start(["diff", "sign", path] + options, in: project.folder).finished()
    }
    let early = try await sign("--prepare", "d.json")
    #expect(early.status == 65 && early.err.contains("not filled in"), "\(early)")
    #expect(!FileManager.default.fileExists(atPath: project.url("d.json").path))
    let filled = try fillIn(project, path)
    let certificate = try await Program.shell(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem -days 3 "
        + "-subj '/CN=Ada Example' 2>/dev/null", in: project.folder)
    #expect(certificate.status == 0, "\(certificate)")
    let prepared = try await sign("--prepare", "d.json")
    #expect(prepared.status == 0 && prepared.out.contains("openssl cms -sign"), "\(prepared)")
    let made = try await Program.shell(
      """
      openssl cms -sign -binary -cades -outform DER -in d.json -signer c.pem -inkey k.pem -out d.json.p7s &&
      openssl cms -sign -binary -cades -outform PEM -in d.json -signer c.pem -inkey k.pem -out pem.p7s &&
      openssl cms -sign -binary -cades -outform DER -in c.pem -signer c.pem -inkey k.pem -out other.p7s
      """, in: project.folder)
    #expect(made.status == 0, "\(made)")

    let unnamed = try await sign("--attach", "pem.p7s")
    #expect(unnamed.status != 0 && unnamed.err.contains("pem"), "\(unnamed)")
    let other = try await sign("--attach", "other.p7s", "--statement", "d.json")
    #expect(other.status == 1 && other.err.contains("other.p7s: the signature is not of this content"), "\(other)")
    try project.write(filled.replacing("nothing moved", with: "something moved"), to: path)
    let changed = try await sign("--attach", "d.json.p7s")
    #expect(changed.status == 1 && changed.err.contains("--prepare again"), "\(changed)")
    try project.write(filled, to: path)
    #expect(try await Program.vitrine("runs", "verify", "--project", project.path).status == 0)

    let attached = try await sign("--attach", "pem.p7s", "--statement", "d.json")
    #expect(attached.status == 0 && attached.out.contains("not a substantial modification"), "\(attached)")
    #expect(attached.out.contains("self-signed certificate"), "\(attached)")
    let twice = try await sign("--attach", "d.json.p7s")
    #expect(twice.status == 1 && twice.err.contains("in the log already"), "\(twice)")
    #expect(try await Program.vitrine("runs", "verify", "--project", project.path).status == 0)
    _ = try await Program.vitrine("dossier", "build", "--project", project.path)
    let dossier = try JSON(String(contentsOf: project.url("dossier/1.1/dossier.json"), encoding: .utf8))
    #expect(dossier["change_history"]?.array?.count == 1)
  }

  @Test(
    "wrong use of signing options is refused before anything is read",
    arguments: [
      ["--prepare", "a", "--attach", "b"], ["--statement", "a"], ["--prepare", "a", "--key", "b"],
      ["--certificate", "c.pem"],
    ])
  func wrongUse(options: [String]) async throws {
    let result = try await Program.start(["diff", "sign", "worksheet.yaml"] + options).finished()
    #expect(result.status == 64, "\(result)")
  }
}

/// The day of this test, UTC, as ISO 8601 writes it.
private func today() -> String { String(Date().ISO8601Format().prefix(10)) }

/// Fills in a worksheet: no substantial modification.
private func fillIn(_ project: Scratch, _ path: String) throws -> String {
  let blank = try String(contentsOf: project.url(path), encoding: .utf8)
  let filled = blank.replacing("    answer:\n", with: "    answer: as the evidence says\n")
    .replacing(
      /substantial_modification: .*\n  reason:\n  name:\n  function:\n  date: .*\n/,
      with: "substantial_modification: no\n  reason: nothing moved\n  name: Ada Example\n"
        + "  function: Head of Risk\n  date: \(today())\n")
  try project.write(filled, to: path)
  return filled
}

/// Rewrites a GPT-2 checkpoint so that heads stand in other places: columns of the three parts of `c_attn`, rows of
/// `c_proj`. The function stays the same up to the order of summation.
private struct PermutedHeads {
  let layers: [Int]

  /// Whether a head's name is that of the next place in the same layer.
  static func isMove(_ before: String, _ after: String, heads: Int) -> Bool {
    guard let a = before.wholeMatch(of: /L(\d+)H(\d+)/), let b = after.wholeMatch(of: /L(\d+)H(\d+)/), heads > 0 else {
      return false
    }
    return a.1 == b.1 && (Int(a.2) ?? 0) + 1 == (Int(b.2) ?? 0) + ((Int(b.2) ?? 0) == 0 ? heads : 0)
  }

  func rewrite(_ file: URL) throws {
    var data = try Data(contentsOf: file)
    let length = Int(
      data.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) })
    let header = try JSON(String(decoding: data[8..<(8 + length)], as: UTF8.self))
    let folder = file.deletingLastPathComponent()
    let configuration = try JSON(String(contentsOf: folder.appendingPathComponent("config.json"), encoding: .utf8))
    let (width, heads) = (Int(configuration["n_embd"]?.number ?? 0), Int(configuration["n_head"]?.number ?? 0))
    let size = width / heads
    for layer in layers {
      for (name, isColumns) in [
        ("attn.c_attn.weight", true), ("attn.c_attn.bias", true), ("attn.c_proj.weight", false),
      ] {
        let key = try #require(header.object?.keys.first { $0.hasSuffix("h.\(layer).\(name)") })
        let tensor = try #require(header[key])
        #expect(tensor["dtype"] == .string("F32"))
        let shape = tensor["shape"]?.numbers.map { Int($0) } ?? []
        let start = 8 + length + Int(tensor["data_offsets"]?[0]?.number ?? 0)
        let columns = shape.last ?? 1
        let rows = shape.count == 2 ? shape[0] : 1
        let old = data
        for row in 0..<rows {
          for column in 0..<columns {
            // Where the value at (row, column) of the new tensor stood.
            let place = isColumns ? column : row
            let (part, inside) = (place / width, place % width)
            let head = (inside / size + heads - 1) % heads
            let from = part * width + head * size + inside % size
            let source = isColumns ? row * columns + from : from * columns + column
            let target = row * columns + column
            data.replaceSubrange(
              (start + 4 * target)..<(start + 4 * target + 4),
              with: old[(start + 4 * source)..<(start + 4 * source + 4)])
          }
        }
      }
    }
    try data.write(to: file)
  }
}

@Suite("vitrine diff of bundles")
struct DiffBundleTests {
  /// CRC-32 as ZIP has it (ISO 3309), little-endian.
  private static func checksum(_ data: Data) -> Data {
    var value = UInt32.max
    for byte in data {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return withUnsafeBytes(of: (~value).littleEndian) { Data($0) }
  }

  /// Two signed bundles in a folder of their own; store, models and keys are gone.
  private func signed() async throws -> Scratch {
    let project = try Scratch()
    let yaml = Sample.project(
      behaviours: [("names", ["store", "park", "school", "office", "garden"].map { Sample.pair($0) })],
      analysis: ["methods: [exact-patching, circuit]"])
    let model = Sample.repositoryPath(Sample.ioi)
    try project.write(
      yaml.replacing(
        "models:\n",
        with: "people:\n  - {name: Ada Example, function: Engineer, roles: [prepared]}\n"
          + "  - {name: Cy Example, function: Head of Risk, roles: [approved]}\nmodels:\n"
      ).replacing(
        "  1.0: {folder: \"\(model)\"}",
        with: "  1.0: {folder: \"\(model)\"}\n  1.1: {folder: \"\(model)\", supersedes: 1.0}"),
      to: "vitrine.yaml")
    let script = """
      set -e
      out=$1
      export XDG_CONFIG_HOME="$PWD/configuration"
      "$VITRINE" analyze . >/dev/null
      "$VITRINE" keys create --name "Ada Example" --as ada --no-passphrase --project . >/dev/null
      "$VITRINE" keys create --name "Cy Example" --as cy --no-passphrase --project . >/dev/null
      for id in $("$VITRINE" runs list --project . --json | tr ',{' '\\n\\n' | sed -n 's/^"id":"\\(.*\\)"$/\\1/p'); do
        "$VITRINE" runs sign "$id" --meaning performed --key ada --function Engineer --project . >/dev/null
      done
      for version in 1.0 1.1; do
        "$VITRINE" dossier build --project . --model $version >/dev/null
        "$VITRINE" sign --gates --model $version --project . | sed -n "s/^\\[missing-items\\] --about '\\(.*\\)'.*/\\1/p" > keys.txt
        set --; while IFS= read -r key; do set -- "$@" "$key"; done < keys.txt
        "$VITRINE" sign --waive missing-items --reason "a test" --key cy --model $version --project . --about "$@" >/dev/null
        "$VITRINE" dossier build --project . --model $version >/dev/null
        "$VITRINE" sign --role prepared --key ada --model $version --project . >/dev/null
        "$VITRINE" bundle --model $version --project . --output "$out/$version.asice" >/dev/null
      done
      cp dossier/1.1/dossier.md "$out/"
      """
    let outside = try Scratch()
    let made = try await Program.shell(script, outside.path, in: project.folder)
    #expect(made.status == 0, "\(made)")
    return outside
  }

  @Test(
    "works with neither store nor models, refuses a bundle that does not verify, and with --unverified says so on every page"
  )
  func bundles() async throws {
    let folder = try await signed()
    let result = try await Program.start(["diff", "1.0.asice", "1.1.asice", "--json"], in: folder.folder).finished()
    #expect(result.status == 0, "\(result)")
    let json = try result.json()
    #expect(try Schema("diff").problems(of: json) == [])
    #expect(json["before"]?["kind"] == .string("bundle") && json["before"]?["records_at_hand"] == .number(1))
    #expect(json["rows"]?.array?.isEmpty == false)
    #expect(json["rows"]?.array?.allSatisfy { $0["verdict"] == .string("identical") } == true)

    // One letter of the signed text is another one, and its checksum fits: only the signature can tell.
    let text = try Data(contentsOf: folder.url("dossier.md"))
    let other = Data(String(decoding: text, as: UTF8.self).replacing("Technical", with: "technical").utf8)
    var damaged = try Data(contentsOf: folder.url("1.1.asice"))
    for (old, new) in [(text, other), (Self.checksum(text), Self.checksum(other))] {
      while let range = damaged.range(of: old) { damaged.replaceSubrange(range, with: new) }
    }
    try damaged.write(to: folder.url("damaged.asice"))
    let refused = try await Program.start(["diff", "1.0.asice", "damaged.asice", "--to", "out"], in: folder.folder)
      .finished()
    #expect(refused.status == 1 && refused.err.contains("--unverified"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: folder.url("out").path))
    let read = try await Program.start(
      ["diff", "1.0.asice", "damaged.asice", "--to", "out", "--unverified"], in: folder.folder
    ).finished()
    #expect(read.out.contains("NOT VERIFIED"), "\(read)")
    let page = try String(contentsOf: folder.url("out/diff.md"), encoding: .utf8)
    #expect(page.components(separatedBy: "NOT VERIFIED").count > 8)
    let html = try String(contentsOf: folder.url("out/diff.html"), encoding: .utf8)
    #expect(html.contains("@top-left") && html.contains("<p class=\"warning\" role=\"note\">1.1 is NOT VERIFIED"))
    let worksheet = try String(contentsOf: folder.url("out/worksheet.yaml"), encoding: .utf8)
    #expect(worksheet.hasPrefix("# 1.1 is NOT VERIFIED"))

    // A file with a path that leads out of the archive, and an archive that was cut: read with no option.
    let whole = try Data(contentsOf: folder.url("1.1.asice"))
    var leading = whole
    while let range = leading.range(of: Data("dossier/dossier.md".utf8)) {
      leading.replaceSubrange(range, with: Data("../../../evil.x.md".utf8))
    }
    for (name, data, reason) in [("leading", leading, "../../../evil.x.md"), ("cut", whole.prefix(9000), "cut off")] {
      try data.write(to: folder.url("\(name).asice"))
      for options in [[], ["--unverified"]] {
        let result = try await Program.start(
          ["diff", "1.0.asice", "\(name).asice", "--to", "bad"] + options, in: folder.folder
        ).finished()
        #expect(result.status == 1 && result.err.contains(reason) && result.err.contains("does not help"), "\(result)")
        #expect(!FileManager.default.fileExists(atPath: folder.url("bad").path))
      }
    }
  }
}
