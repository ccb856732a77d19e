import Evidence
import Foundation
import Project

@testable import Reports

/// A made-up project with a store, three persons with keys, and what they sign.
final class SignOffSite: Sendable {
  static let today = CalendarDate("2026-11-25")

  let folder: DossierFixtures.Folder
  let store: Store
  let runs: [StoredRun]
  let logKey: PrivateKey
  /// Keys with self-signed certificates by the first name.
  let people: [String: (key: PrivateKey, certificate: Certificate)]

  /// - Parameters:
  ///   - people: the lines of `people` in the project file.
  ///   - edit: changes the project file.
  init(
    people lines: [String] = SignOffSite.people, documentation: [String: String] = [:],
    edit: (String) -> String = { $0 }
  ) throws {
    let yaml = edit(
      DossierFixtures.yaml().replacing(
        "  - {name: Ada Example, function: Engineer, roles: [prepared]}\n", with: lines.map { $0 + "\n" }.joined()))
    folder = try DossierFixtures.folder(yaml, documentation: documentation)
    let project = try DossierFixtures.project(folder)
    let store = try Store.open(at: project.storeFile, mode: .create)
    self.store = store
    let analysis = DossierFixtures.analysis(project, id: DossierFixtures.id("1"))
    let evaluation = DossierFixtures.evaluation(project, id: DossierFixtures.id("2"))
    runs = try [analysis, evaluation].map { try store.append(Self.storable($0.record)) }
    logKey = try PrivateKey.generate(.ed25519)
    people = try Dictionary(
      uniqueKeysWithValues: ["Ada", "Bo", "Cy"].map { name in
        let key = try PrivateKey.generate(.p256)
        return (name, (key, try Certificate.selfSigned(name: "\(name) Example", title: "Tester", key: key)))
      })
  }

  static let people = [
    "  - {name: Ada Example, function: Engineer, roles: [prepared]}",
    "  - {name: Bo Example, function: Auditor, roles: [reviewed]}",
    "  - {name: Cy Example, function: Head of Risk, roles: [approved]}",
  ]

  /// With digests that have the form of digests.
  static func storable(_ record: RunRecord) -> RunRecord {
    var record = record
    record.model.tensorsSha256 = String(repeating: "b", count: 64)
    record.program.binarySha256 = String(repeating: "d", count: 64)
    return record
  }

  func project() throws -> Project { try DossierFixtures.project(folder) }

  func desk(today: CalendarDate? = SignOffSite.today, lawAge: Int = GateCheck.defaultLawAge) throws -> SignOffDesk {
    guard let today else { throw ReportsError(.badValue, "no day") }
    return try SignOffDesk(
      project: project(), modelVersion: "1.0", store: store, today: today, lawAge: lawAge)
  }

  /// Signs every run by a person.
  func signRuns() throws {
    for run in runs {
      let statement = RunSignature.Statement(
        run: run, name: "Ada Example", function: "Engineer", meaning: "performed")
      let ada = try person("Ada")
      try store.append(RunSignature(statement, certificate: ada.certificate, key: ada.key))
    }
  }

  func person(_ name: String) throws -> (key: PrivateKey, certificate: Certificate) {
    guard let person = people[name] else { throw ReportsError(.badValue, "no \(name)") }
    return person
  }

  /// Builds the dossier's files.
  func build() throws { _ = try DossierBuilder().write(desk().gates.inputs) }

  /// Cy waives everything that a gate finds, each by its key, signed; then builds anew.
  @discardableResult
  func waive(_ gate: Reports.Gate, by name: String = "Cy", reason: String = "a trial") throws -> Waiver {
    let desk = try desk()
    let signer = try person(name)
    let statement = try desk.waiver(
      of: gate, about: desk.gates.findings(of: gate).map(\.key.text), reason: reason, name: "\(name) Example",
      function: "Head of Risk")
    let waiver = try Waiver(statement, certificate: signer.certificate, key: signer.key)
    _ = try desk.append(waiver)
    try build()
    return waiver
  }

  /// Everything that must be before the first signature: signed runs, missing items waived, the dossier built.
  func ready() throws {
    try signRuns()
    try waive(.missingItems)
  }

  /// What stops a person.
  func refusals(_ name: String, _ role: String, today: CalendarDate? = SignOffSite.today) throws -> [Reports.Gate] {
    try desk(today: today).decision(
      name: "\(name) Example", certificate: person(name).certificate, role: role
    ).refusals.map(\.gate)
  }

  func content() throws -> BundleContent { try desk().content { _ in self.logKey }.content }

  /// Signs as a person; the gates are not asked.
  @discardableResult
  func sign(_ name: String, _ role: String) throws -> SignOff {
    let desk = try desk()
    let person = try person(name)
    let statement = try desk.statement(content(), role: role, name: "\(name) Example", function: "Tester")
    let signOff = try SignOff(statement, certificate: person.certificate, key: person.key)
    _ = try desk.append(signOff)
    return signOff
  }

  func bundleFile(_ name: String = "test.asice") -> URL { folder.url.appendingPathComponent(name) }

  /// Writes the bundle.
  func bundle(_ name: String = "test.asice", withholding: Set<String> = []) throws -> BundleReport {
    let desk = try desk()
    let content = try content()
    return try BundleWriter.write(
      content, desk.seals(of: content), withholding: withholding, to: bundleFile(name))
  }

  /// One that tests only read.
  static let shared = Result { try signed() }

  /// A content with other files, signed by Ada: what an insider could make.
  func forged(_ change: (inout [String: Data]) throws -> Void) throws -> Data {
    var files = try content().files
    files.removeValue(forKey: BundlePath.sums)
    try change(&files)
    let forged = try BundleContent(files)
    let ada = try person("Ada")
    let statement = try desk().statement(forged, role: "prepared", name: "Ada Example", function: "Engineer")
    var raw = try RawArchive(Data(contentsOf: bundleFile()))
    for path in raw.files.map({ String(decoding: $0.name, as: UTF8.self) }) where path != BundlePath.mimetype {
      raw.remove(path)
    }
    for (path, data) in forged.files { raw.put(path, data) }
    raw.put(statement.manifestPath, statement.content())
    let cms = try CMSSignature(signing: statement.content(), certificate: ada.certificate, key: ada.key)
    raw.put(statement.signaturePath, cms.der)
    raw.sort()
    return raw.bytes()
  }

  /// A bundle that three persons have signed.
  static func signed(people: [String] = SignOffSite.people) throws -> (site: SignOffSite, data: Data) {
    let site = try SignOffSite(people: people)
    try site.ready()
    for (name, role) in [("Ada", "prepared"), ("Bo", "reviewed"), ("Cy", "approved")] { try site.sign(name, role) }
    _ = try site.bundle()
    return (site, try Data(contentsOf: site.bundleFile()))
  }
}

/// A ZIP archive written byte by byte, so that it can be wrong in any way.
struct RawArchive {
  /// A file with everything that its headers say.
  struct File {
    var name: [UInt8]
    /// The name beside the data, if it is another.
    var localName: [UInt8]?
    var content: Data
    var crc: UInt32
    var flags: UInt16 = 0
    var method: UInt16 = 0
    var versionMadeBy: UInt16 = 0x033F
    var attributes: UInt32 = 0x81A4_0000
    var size: UInt32?
    var localSize: UInt32?
    var extra = Data()
    var offset: UInt32?
    var gap = Data()
    var descriptor = Data()
    var isListed = true
  }

  var files: [File]
  var prefix = Data()
  var beforeDirectory = Data()
  var comment = Data()

  /// The files of an archive as Vitrine writes it.
  init(_ data: Data) throws {
    let structure = try StrictArchive(data)
    files = structure.entries.map { File(name: Array($0.name.utf8), content: Data(data[$0.range]), crc: $0.crc) }
  }

  func index(of name: String) -> Int? { files.firstIndex { $0.name == Array(name.utf8) } }

  /// Replaces or adds a file, with the right checksum.
  mutating func put(_ name: String, _ content: Data) {
    let file = File(name: Array(name.utf8), content: content, crc: Self.crc(content))
    if let index = index(of: name) { files[index] = file } else { files.append(file) }
  }

  mutating func remove(_ name: String) { files.removeAll { $0.name == Array(name.utf8) } }

  func content(_ name: String) -> Data { index(of: name).map { files[$0].content } ?? Data() }

  /// In the order in which Vitrine writes files.
  mutating func sort() {
    let first = files.first { $0.name == Array("mimetype".utf8) }
    let rest = files.filter { $0.name != Array("mimetype".utf8) }
      .sorted { String(decoding: $0.name, as: UTF8.self) < String(decoding: $1.name, as: UTF8.self) }
    files = (first.map { [$0] } ?? []) + rest
  }

  func bytes() -> Data {
    func number(_ value: some BinaryInteger, _ count: Int) -> Data {
      Data((0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
    }
    var data = prefix
    var directory = Data()
    for file in files {
      data += file.gap
      let offset = file.offset ?? UInt32(data.count)
      let size = number(file.size ?? UInt32(file.content.count), 4)
      let localSize = file.localSize.map { number($0, 4) } ?? size
      let local = file.localName ?? file.name
      var common = number(10, 2)
      for value in [file.flags, file.method, 0, 0x21] { common += number(value, 2) }
      common += number(file.crc, 4)
      for part in [number(0x0403_4B50, 4), common, localSize, localSize] { data += part }
      for part in [number(local.count, 2), number(file.extra.count, 2)] { data += part }
      for part in [Data(local), file.extra, file.content, file.descriptor] { data += part }
      guard file.isListed else { continue }
      for part in [number(0x0201_4B50, 4), number(file.versionMadeBy, 2), common, size, size] { directory += part }
      for part in [number(file.name.count, 2), number(file.extra.count, 2), number(0, 6)] { directory += part }
      for part in [number(file.attributes, 4), number(offset, 4), Data(file.name), file.extra] { directory += part }
    }
    data += beforeDirectory
    let count = files.count(where: \.isListed)
    let start = data.count
    data += directory
    for part in [number(0x0605_4B50, 4), number(0, 4), number(count, 2), number(count, 2)] { data += part }
    for part in [number(directory.count, 4), number(start, 4), number(comment.count, 2), comment] { data += part }
    return data
  }

  /// CRC-32 of ISO 3309, as ZIP uses it.
  static func crc(_ data: Data) -> UInt32 {
    var crc = UInt32.max
    for byte in data {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}

extension BundleReport {
  /// The kinds of what is wrong, each once.
  var codes: Set<BundleProblem.Code> { Set(problems.map(\.code)) }
}
