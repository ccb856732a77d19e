import Evidence
import Foundation

extension BundleExamination {
  // MARK: Signatures

  /// Every manifest with its signature.
  mutating func checkSignatures() throws {
    var check = BundleReport.Check(
      "signatures",
      "each signature over its manifest, by a certificate that was valid then and is for signatures; each "
        + "manifest against every file of the content")
    for path in files.keys.sorted() where Self.isSignatureManifest(path) {
      check.count += 1
      accounted.insert(path)
      do {
        try checkSignature(path, &check)
      } catch let error as EvidenceError {
        let code: BundleProblem.Code =
          switch error.code {
          case .badExport: .manifest
          case .badKey: .certificate
          default: .signature
          }
        check.problems.append(BundleProblem(code, path, error.message))
      }
    }
    if check.count == 0 {
      check.problems.append(BundleProblem(.signature, nil, "the bundle carries no signature"))
    }
    if trust.isEmpty, !report.signers.isEmpty {
      report.omit(
        "whether the signers are who they say",
        "compare the fingerprints with what they gave you themselves, or give their certificate, or that of their authority, "
          + "with --trust")
    }
    report.checks.append(check)
  }

  private static func isSignatureManifest(_ path: String) -> Bool {
    path.hasPrefix("META-INF/ASiCManifest-") && path.hasSuffix(".xml")
      && !path.hasPrefix("META-INF/ASiCManifest-timestamp-")
  }

  private mutating func checkSignature(_ path: String, _ check: inout BundleReport.Check) throws {
    let manifest = files[path] ?? Data()
    let statement = try SignOff.Statement(content: manifest)
    guard statement.manifestPath == path, statement.about == "dossier" else {
      check.problems.append(
        BundleProblem(.manifest, path, "it is the manifest of \(statement.manifestPath), about a \(statement.about)"))
      return
    }
    if let difference = difference(statement.files) {
      check.problems.append(BundleProblem(.manifest, path, difference))
    }
    guard let signature = files[statement.signaturePath] else {
      check.problems.append(BundleProblem(.missing, statement.signaturePath, "the manifest \(path) names it"))
      return
    }
    accounted.insert(statement.signaturePath)
    let found = try SignatureCheck(CMSSignature(der: signature), of: manifest, date: statement.date)
    try note(found, statement, &check)
  }

  private mutating func note(
    _ found: SignatureCheck, _ statement: SignOff.Statement, _ check: inout BundleReport.Check
  ) throws {
    let finding = try trust.finding(
      name: statement.name, certificate: found.certificate, others: found.others, at: statement.date)
    let signer = BundleReport.Signer(
      role: statement.role, name: statement.name, function: statement.function, date: statement.date,
      file: statement.signaturePath, subject: try found.certificate.subject(),
      issuer: try found.certificate.issuer(), isSelfSigned: found.certificate.isSelfSigned,
      fingerprint: try found.certificate.fingerprint(), identity: finding.answer, vouchedBy: finding.vouchedBy,
      doubt: finding.doubt)
    if let first = report.title, first != statement.title || report.modelVersion != statement.modelVersion {
      check.problems.append(
        BundleProblem(.manifest, statement.manifestPath, "it is about another system or model version than the others"))
    }
    report.title = report.title ?? statement.title
    report.modelVersion = report.modelVersion ?? statement.modelVersion
    report.signers.append(signer)
    certificates[signer.file] = found.certificate
    if found.certificate.commonName != statement.name {
      check.notes.append(
        "\(statement.signaturePath): signed as '\(statement.name)', the certificate names "
          + "'\(found.certificate.commonName ?? "nobody")'")
    }
    if let own = found.signingTime.flatMap(Timestamp.date), let date = Timestamp.date(statement.date),
      abs(own.timeIntervalSince(date)) > Self.clockTolerance
    {
      check.notes.append(
        "\(statement.signaturePath): the time that the signature gives itself, \(found.signingTime ?? ""), is far from the "
          + "signed date, \(statement.date)")
    }
    for part in found.unchecked {
      report.omit("\(part) in \(statement.signaturePath)", "the signature does not cover it")
    }
    report.omit(
      "whether the certificate in \(statement.signaturePath) was revoked",
      "a bundle holds no revocation lists; ask the issuer, or the signer if it is self-signed")
  }

  /// In what a manifest differs from the content; nil if in nothing.
  private func difference(_ listed: [ASiCManifest.Reference]) -> String? {
    guard listed != references else { return nil }
    let (names, expected) = (Set(listed.map(\.uri)), Set(references.map(\.uri)))
    for name in expected.subtracting(names).sorted() { return "it does not list '\(name)', so that is not signed" }
    for name in names.subtracting(expected).sorted() { return "it lists '\(name)', which is no file of the content" }
    for (one, other) in zip(listed.sorted { $0.uri < $1.uri }, references) where one.sha256 != other.sha256 {
      return "it lists '\(one.uri)' with another digest than SHA256SUMS: other bytes were signed"
    }
    return "it lists the files in another order or with other media types than Vitrine does"
  }

  // MARK: Time-stamps

  /// Every time-stamp with its manifest.
  mutating func checkStamps() throws {
    var check = BundleReport.Check(
      "timestamps",
      "each time-stamp over its manifest; each manifest against the content and the signatures of that time")
    for path in files.keys.sorted() where path.hasPrefix("META-INF/ASiCManifest-timestamp-") {
      check.count += 1
      accounted.insert(path)
      do {
        try checkStamp(path, &check)
      } catch let error as EvidenceError {
        check.problems.append(BundleProblem(error.code == .badExport ? .manifest : .timestamp, path, error.message))
      }
    }
    if check.count == 0, !report.signers.isEmpty {
      report.omit(
        "when the signatures were made",
        "there is no time-stamp of an authority; the dates are the signers' own clocks'")
    }
    report.checks.append(check)
  }

  private mutating func checkStamp(_ path: String, _ check: inout BundleReport.Check) throws {
    let bytes = files[path] ?? Data()
    let manifest = try ASiCManifest(bytes)
    let number = Int(path.dropFirst("META-INF/ASiCManifest-timestamp-".count).dropLast(4)) ?? 0
    guard manifest.kind == .timestamp, manifest.signOff.isEmpty, path == BundleSeals.stampManifestPath(number),
      manifest.signature == BundleSeals.stampPath(number),
      number == 1 || files[BundleSeals.stampPath(number - 1)] != nil
    else {
      check.problems.append(BundleProblem(.manifest, path, "it is not the manifest of the time-stamp of its number"))
      return
    }
    guard Array(manifest.references.prefix(references.count)) == references else {
      check.problems.append(BundleProblem(.manifest, path, difference(manifest.references) ?? "another content"))
      return
    }
    let seals = manifest.references.dropFirst(references.count)
    for seal in seals {
      guard let file = files[seal.uri], seal.uri.hasPrefix(BundlePath.meta),
        try SHA256.digest(of: file).hex == seal.sha256
      else {
        check.problems.append(
          BundleProblem(.timestamp, path, "it lists '\(seal.uri)', which is not here, or not as it was then"))
        continue
      }
    }
    guard let token = files[manifest.signature] else {
      check.problems.append(BundleProblem(.missing, manifest.signature, "the manifest \(path) names it"))
      return
    }
    accounted.insert(manifest.signature)
    try note(TimestampToken(der: token, for: bytes), path, manifest, &check)
  }

  private mutating func note(
    _ token: TimestampToken, _ path: String, _ manifest: ASiCManifest, _ check: inout BundleReport.Check
  ) throws {
    let voucher = try trust.voucher(for: token.certificate, others: token.others, at: token.time)
    let covers = manifest.references.map(\.uri).filter { $0.hasSuffix(".p7s") }
    report.timestamps.append(
      BundleReport.Stamp(
        file: manifest.signature, time: token.time, imprintOf: path,
        imprintSha256: try SHA256.digest(of: files[path] ?? Data()).hex, covers: covers,
        authority: try token.certificate.subject(), fingerprint: try token.certificate.fingerprint(),
        identity: voucher == nil ? .notEstablished : .established, vouchedBy: voucher))
    for signer in report.signers where covers.contains(signer.file) {
      // The clocks of signer and authority may differ by some minutes.
      guard let signed = Timestamp.date(signer.date), let stamped = Timestamp.date(token.time) else { continue }
      if stamped.timeIntervalSince(signed) < -600 {
        check.problems.append(
          BundleProblem(
            .timestamp, path,
            "it is of \(token.time), before \(signer.file) says that it was made, \(signer.date)"))
      }
    }
    for signer in report.signers where covers.contains(signer.file) {
      guard let to = try certificates[signer.file]?.validity().to, to < token.time else { continue }
      report.omit(
        "whether \(signer.file) was made while its certificate was valid",
        "the certificate expired on \(to), before the time-stamp \(token.time); only the signer's clock says that the signature "
          + "is older")
    }
    if isAfterNow(token.time) {
      check.problems.append(
        BundleProblem(.timestamp, path, "it is of \(token.time), which has not come yet by the clock of this machine"))
    }
    for signer in report.signers where !covers.contains(signer.file) {
      check.notes.append("\(manifest.signature) does not cover \(signer.file), which was added later")
    }
    if voucher == nil {
      report.omit(
        "whether the authority of \(manifest.signature) is to be believed",
        "give its certificate, or that of the authority above it, with --trust")
    }
  }
}
