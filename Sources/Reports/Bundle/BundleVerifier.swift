import Analysis
public import Evidence
public import Foundation
import Templates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Checks a bundle by itself: neither the store nor the model is needed, and nothing is written.
public struct BundleVerifier: Sendable {
  private let trust: TrustAnchors
  private let keys: [VerifierKey]
  private let now: String

  /// A verifier.
  /// - Parameters:
  ///   - trust: certificates and fingerprints that the reader has from elsewhere.
  ///   - keys: verifier keys of logs that the reader has from elsewhere.
  ///   - now: the reader's clock, after which nothing can have been signed; UTC, RFC 3339 with milliseconds.
  public init(trust: TrustAnchors = .none, keys: [VerifierKey] = [], now: String = Timestamp.now()) {
    self.trust = trust
    self.keys = keys
    self.now = now
  }

  /// Verifies a bundle in a file.
  /// - Throws: `ReportsError` `badValue` if it is no plain file or no ZIP archive; `unreadable`.
  public func verify(file url: URL) throws -> BundleReport {
    let name = url.lastPathComponent
    var status = stat()
    guard stat(url.path, &status) == 0 else {
      throw ReportsError(.unreadable, "cannot read \(name): \(String(cString: strerror(errno)))")
    }
    // A device or a pipe has no end to wait for.
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ReportsError(.badValue, "\(name): not a bundle: it is no plain file")
    }
    // Read whole, not mapped: a file that is cut off meanwhile is an error and no signal, and what is digested is what is read.
    let data: Data
    do { data = try RegularFile.read(url, limit: Self.largest) } catch {
      throw ReportsError(error.code == .tooLarge ? .badValue : .unreadable, "cannot read \(name): \(error.message)")
    }
    return try verify(data, name: name)
  }

  /// The largest bundle that is read, in bytes.
  private static let largest = 1 << 34

  /// Verifies a bundle.
  /// - Throws: `ReportsError` `badValue` if the file is no ZIP archive at all.
  /// - Complexity: O(size of the file); the files of the bundle are in memory.
  public func verify(_ data: Data, name: String) throws -> BundleReport {
    guard data.starts(with: [0x50, 0x4B, 0x03, 0x04]) else {
      throw ReportsError(.badValue, "\(name): not a bundle: a bundle is a ZIP archive and begins with 'PK'")
    }
    var examination = BundleExamination(
      report: BundleReport(bundle: name, sha256: try SHA256.digest(of: data).hex), trust: trust, keys: keys,
      now: now)
    if try examination.open(data) {
      try examination.checkDigests()
      try examination.checkSignatures()
      try examination.checkStamps()
      try examination.checkRecords()
      try examination.checkDossier()
      try examination.checkFiles()
      examination.checkLooks()
      try examination.checkBinding()
      examination.checkRoles()
      examination.checkDates()
    }
    examination.conclude()
    return examination.report
  }
}

/// A verification under way.
struct BundleExamination {
  var report: BundleReport
  let trust: TrustAnchors
  let keys: [VerifierKey]
  /// The reader's clock.
  let now: String
  /// The files by path.
  var files: [String: Data] = [:]
  /// The digests that `SHA256SUMS` gives, by path.
  var sums: [String: String] = [:]
  /// Files of `META-INF` that have been accounted for.
  var accounted: Set<String> = []
  /// What every manifest must list.
  var references: [ASiCManifest.Reference] = []
  /// The certificates of the signers, by the file of the signature.
  var certificates: [String: Certificate] = [:]
  /// The keys that signed the checkpoints, as text.
  var logKeys: Set<String> = []
  /// Who holds which role, as the dossier says; nil if that could not be read.
  var roles: [Dossier.Role]?
  /// When the newest record of the content was made, and which that is.
  var newest: (date: String, file: String)?

  init(report: BundleReport, trust: TrustAnchors, keys: [VerifierKey], now: String) {
    self.report = report
    self.trust = trust
    self.keys = keys
    self.now = now
  }

  var isWithheld: (String) -> Bool { { path in report.withheld.contains { $0.file == path } } }

  /// The records that are withheld, by path.
  var withheldRecords: [String] {
    report.withheld.map(\.file).filter { $0.hasPrefix("runs/") || $0.hasPrefix("records/") }
  }

  // MARK: Container

  /// Reads the archive and checks what an ASiC-E container must have.
  /// - Returns: whether there is anything to go on with.
  mutating func open(_ data: Data) throws -> Bool {
    var check = BundleReport.Check(
      "archive",
      "the ZIP structure: every byte has one place and one meaning, both headers of each file agree, nothing is "
        + "compressed, encrypted, hidden or named twice, and every name is a plain relative path")
    defer { report.checks.append(check) }
    do {
      let read = try BundleArchive.read(data)
      check.count = read.count
      for file in read { files[file.name] = file.content }
      if read.first?.name != BundlePath.mimetype || read.first?.content != Data(BundlePath.mediaType.utf8) {
        check.problems.append(
          BundleProblem(
            .container, BundlePath.mimetype,
            "an ASiC-E container begins with this file, which holds '\(BundlePath.mediaType)' and nothing else"))
      }
      let names = read.dropFirst().map(\.name)
      if names != names.sorted() {
        check.problems.append(BundleProblem(.archive, nil, "the files do not stand in the order of their names"))
      }
      return true
    } catch let fault as BundleFault {
      check.count = 1
      check.problems.append(fault.problem)
      report.omit("everything else", "of an archive that can be read in two ways nothing was looked at")
      return false
    }
  }

  // MARK: Digests

  /// `SHA256SUMS` against the files, both ways.
  mutating func checkDigests() throws {
    var check = BundleReport.Check(
      "digests", "every file of the content against SHA256SUMS, and no file that it does not name")
    let content = files.keys.filter { $0 != BundlePath.mimetype && !$0.hasPrefix(BundlePath.meta) }
    guard let data = files[BundlePath.sums], let lines = Self.sums(data) else {
      check.problems.append(
        BundleProblem(
          files[BundlePath.sums] == nil ? .missing : .digest, BundlePath.sums,
          "it is not there, or not what 'sha256sum' writes about files in the order of their names"))
      report.checks.append(check)
      return
    }
    sums = lines
    report.contentSha256 = try SHA256.digest(of: data).hex
    check.of = sums.count
    try readWithheld(&check)
    for (path, digest) in sums.sorted(by: { $0.key < $1.key }) {
      guard let file = files[path] else {
        if !isWithheld(path) {
          check.problems.append(
            BundleProblem(.missing, path, "SHA256SUMS names it, and it is neither here nor withheld"))
        }
        continue
      }
      check.count += 1
      if try SHA256.digest(of: file).hex != digest {
        check.problems.append(BundleProblem(.digest, path, "its bytes are not those that SHA256SUMS names"))
      }
    }
    for path in content.sorted() where path != BundlePath.sums && sums[path] == nil {
      check.problems.append(BundleProblem(.unexpected, path, "SHA256SUMS does not name it, so nobody has signed it"))
    }
    references =
      (sums.map { path, digest in
        ASiCManifest.Reference(uri: path, mediaType: BundlePath.mediaType(of: path), sha256: digest)
      } + [
        ASiCManifest.Reference(
          uri: BundlePath.sums, mediaType: BundlePath.mediaType(of: BundlePath.sums),
          sha256: try SHA256.digest(of: data).hex)
      ]).sorted { $0.uri < $1.uri }
    noteInstructions(&check)
    notePrivateKeys(&check)
    report.checks.append(check)
  }

  /// With a private key in it anybody who has the bundle can sign as its holder.
  private func notePrivateKeys(_ check: inout BundleReport.Check) {
    for (path, data) in files.sorted(by: { $0.key < $1.key }) {
      guard let form = PrivateKeyForm.find(in: data) else { continue }
      check.notes.append(
        "\(path) holds a private key (\(form)): whoever has this bundle can sign with it, so its signatures show nothing"
      )
    }
  }

  /// Whoever made the bundle could have written instructions by which everything seems well.
  private func noteInstructions(_ check: inout BundleReport.Check) {
    for name in [BundlePath.instructions] + BundlePath.scripts {
      guard let own = FileManager.default.contents(atPath: Templates.url("bundle/\(name)").path),
        let file = files[name], file != own
      else { continue }
      check.notes.append(
        "\(name) is not that of this version of vitrine: follow one that you have from a source that you trust")
    }
  }

  /// The lines of `SHA256SUMS`; nil if they have another form.
  private static func sums(_ data: Data) -> [String: String]? {
    guard let text = String(validating: data, as: UTF8.self), text.hasSuffix("\n") else { return nil }
    var sums: [String: String] = [:]
    var last = ""
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
      let (digest, path) = (String(line.prefix(64)), String(line.dropFirst(66)))
      guard SHA256Digest(hex: digest) != nil, line.dropFirst(64).hasPrefix("  "), BundlePath.isPlain(path), last < path,
        path != BundlePath.sums, path != BundlePath.mimetype, !path.hasPrefix(BundlePath.meta)
      else { return nil }
      sums[path] = digest
      last = path
    }
    return sums
  }

  private mutating func readWithheld(_ check: inout BundleReport.Check) throws {
    guard let data = files[BundlePath.withheld] else { return }
    accounted.insert(BundlePath.withheld)
    func wrong(_ what: String) { check.problems.append(BundleProblem(.withheld, BundlePath.withheld, what)) }
    do {
      let withheld = try CanonicalJSON.decode(Withheld.self, from: data)
      guard withheld.schema == Withheld.format, !withheld.files.isEmpty, try CanonicalJSON.encode(withheld) == data,
        withheld.files.map(\.file) == Set(withheld.files.map(\.file)).sorted()
      else { return wrong("it has not the form that Vitrine writes") }
      for file in withheld.files {
        if sums[file.file] != file.sha256 {
          wrong("it says that '\(file.file)' is withheld, with another digest than the one signed")
        }
        if files[file.file] != nil { wrong("it says that '\(file.file)' is withheld, and it is here") }
        if Withheld.indispensable.contains(file.file) {
          wrong("it says that '\(file.file)' is withheld, without which nothing can be checked")
        }
      }
      report.withheld = withheld.files.map { BundleReport.WithheldFile(file: $0.file, sha256: $0.sha256) }
      check.omit(
        "the bytes of \(withheld.files.count) of \(sums.count) files",
        "they are withheld; the signers signed them with the digests given. Who left them out, no signature says")
    } catch let error as JSONError {
      wrong("it cannot be read: \(error.message)")
    }
  }

  // MARK: Conclusion

  /// The two answers, and files that nothing accounts for.
  mutating func conclude() {
    if !files.isEmpty {
      var check = BundleReport.Check(
        "meta", "no file in META-INF that is no signature, manifest, time-stamp or list of what is withheld")
      let meta = files.keys.filter { $0.hasPrefix(BundlePath.meta) }.sorted()
      check.count = meta.count
      for path in meta where !accounted.contains(path) {
        check.problems.append(BundleProblem(.unexpected, path, "nothing in the bundle accounts for it"))
      }
      report.checks.append(check)
    }
    if !report.signers.isEmpty {
      report.omit(
        "whether more signatures or time-stamps were there once, and whether there is a later version",
        "what was left out whole leaves no trace here; ask the provider, or compare with a copy that somebody else kept"
      )
    }
    for index in report.checks.indices { report.checks[index].settle() }
    report.verdict = !report.problems.isEmpty ? .notIntact : report.lacking.isEmpty ? .intact : .incomplete
    concludeLogs()
    if !report.signers.isEmpty {
      report.identity = report.signers.allSatisfy { $0.identity == .established } ? .established : .notEstablished
    }
  }

  /// The logs are the reader's if the keys that the reader gave signed every checkpoint, and each of them signed one.
  private mutating func concludeLogs() {
    guard !logKeys.isEmpty else { return }
    let known = Set(keys.map(\.text))
    report.logIdentity = logKeys == known ? .established : .notEstablished
    for key in known.subtracting(logKeys).sorted() {
      report.omit("the log of the key that you gave, \(key)", "that key signed no checkpoint of this bundle")
    }
  }
}
