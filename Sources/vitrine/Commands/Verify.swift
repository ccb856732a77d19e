import Analysis
import ArgumentParser
import Evidence
import Foundation
import Reports

struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a bundle: that nothing was changed since it was signed, and who signed.",
    discussion: """
      Needs neither the store nor the model, and writes nothing. Integrity and identity are two answers: a signature shows that \
      the holder of a key signed; who that is, only something that you trust from elsewhere can show. Give with --trust the \
      certificate of a signer or of an authority (PEM), or the SHA-256 fingerprint of a signer's certificate; NAME= before it \
      says whose it is where the certificate has another name. With --key give the verifier key of the log.

      A check that lacks a file, because whoever handed the bundle on withheld it, is 'not checked', and the verdict is \
      incomplete: exit status 1, unless --allow-withheld.

      Exit status 1 also if anything is wrong, or if --trust is given and does not reach every signer, or --key is given and the \
      keys given are not those of the checkpoints; 65 if the file is no bundle.
      """)

  @Argument(help: "The bundle.") var bundle: String
  @Option(help: ArgumentHelp("A certificate (file) or fingerprint; repeat for several.", valueName: "cert"))
  var trust: [String] = []
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp("The log's verifier key or a file with it; repeat for several.", valueName: "key"))
  var keys: [String] = []
  @Flag(help: "Exit status 0 also for a bundle of which files are withheld; it is still called incomplete.")
  var allowWithheld = false
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let verifier = BundleVerifier(trust: try TrustAnchors(trust), keys: try keys.map(VerifierKey.init(textOrFile:)))
    let report = try verifier.verify(file: URL(fileURLWithPath: bundle))
    if output.json {
      Console.out(try CanonicalJSON.encode(report))
    } else {
      try Console.out(VerificationDocument(report).document)
    }
    if !(report.isIntact || report.verdict == .incomplete && allowWithheld)
      || !trust.isEmpty && report.identity != .established || !keys.isEmpty && report.logIdentity != .established
    {
      throw ExitCode(ExitStatus.answerIsNo.rawValue)
    }
  }
}

extension VerifierKey {
  /// A key as written, or the file that holds it.
  init(textOrFile text: String) throws {
    let file = URL(fileURLWithPath: text)
    guard FileManager.default.fileExists(atPath: file.path) else {
      try self.init(text)
      return
    }
    try self.init(
      String(decoding: try PlainFile.read(file), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
