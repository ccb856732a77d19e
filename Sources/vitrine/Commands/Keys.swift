import Analysis
import ArgumentParser
import Evidence
import Foundation

struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make, import and list keys for signing.",
    discussion: """
      Private keys are files that only you may read, in vitrine/keys of your configuration folder ($XDG_CONFIG_HOME, or \
      ~/.config); they never go into a project or a store. Certificates are public; a copy goes into the project's keys/.
      """,
    subcommands: [KeysCreate.self, KeysImport.self, KeysList.self])
}

/// What 'keys create' and 'keys import' share.
private enum NewKey {
  static func keep(
    _ key: PrivateKey, _ certificate: Certificate, _ name: String, _ project: ProjectOptions
  ) throws -> UserKeys.Identity {
    let identity = try UserKeys.ofUser().add(name, key: key, certificate: certificate)
    Console.out("Key '\(identity.name)': \(try certificate.subject())")
    Console.out("  private key    \(identity.keyFile.path)  (keep a copy in a safe place; only you can read it)")
    Console.out("  certificate    SHA-256 \(try certificate.fingerprint())")
    Console.out("  valid until    \(try certificate.validity().to)")
    let folder = try project.url()
    if FileManager.default.fileExists(atPath: folder.appendingPathComponent("vitrine.yaml").path) {
      let keys = folder.appendingPathComponent("keys")
      try FileManager.default.createDirectory(at: keys, withIntermediateDirectories: true)
      try Data(certificate.pem().utf8).write(to: keys.appendingPathComponent("\(identity.name).crt"), options: .atomic)
      Console.out("  copy in        keys/\(identity.name).crt of the project")
    }
    return identity
  }
}

struct KeysCreate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a P-256 key with a self-signed certificate, for trials.",
    discussion: """
      Nobody but you says who you are in such a certificate: a signature with it shows that the holder of the key signed, not \
      who that is. It is not a qualified or advanced electronic signature of anyone. For more, import a key with a certificate \
      of an authority that the readers of your documentation trust.
      """)

  @Option(help: ArgumentHelp("Your name, as it is to stand in signatures.", valueName: "name")) var name: String
  @Option(help: ArgumentHelp("Your function in the organisation.", valueName: "text")) var function: String?
  @Option(
    name: .customLong("as"), help: ArgumentHelp("What to call the key (default: from the name).", valueName: "key"))
  var key: String?
  @OptionGroup var project: ProjectOptions

  func run() async throws {
    let privateKey = try PrivateKey.generate(.p256)
    let certificate = try Certificate.selfSigned(name: name, title: function, key: privateKey)
    _ = try NewKey.keep(privateKey, certificate, key ?? UserKeys.plainName(name), project)
    Console.out("This certificate is self-signed, for trials: it does not establish who you are.")
  }
}

struct KeysImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take over a private key with its certificate.",
    discussion: """
      FILE is PKCS#12 (.p12, .pfx), or PEM with the private key and, unless --certificate names another file, the certificate. \
      The key is kept unencrypted in a file that only you may read; the password of FILE is the first line of --password-file.
      """)

  @Argument(help: "The file with the private key.") var file: String
  @Option(help: ArgumentHelp("The certificate in PEM form, if it is in another file.", valueName: "file"))
  var certificate: String?
  @Option(help: ArgumentHelp("The file whose first line is the password of FILE.", valueName: "file"))
  var passwordFile: String?
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("What to call the key (default: from the certificate).", valueName: "key"))
  var key: String?
  @OptionGroup var project: ProjectOptions

  func run() async throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: file))
    let (privateKey, certificate) = try read(data)
    let name = key ?? UserKeys.plainName(certificate.commonName ?? "key")
    _ = try NewKey.keep(privateKey, certificate, name, project)
    if certificate.isSelfSigned { Console.out("This certificate is self-signed: it does not establish who you are.") }
  }

  private func read(_ data: Data) throws -> (PrivateKey, Certificate) {
    let password = try passwordFile.map { path in
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init) ?? ""
    }
    guard data.range(of: Data("-----BEGIN".utf8)) == nil else {
      let source = try certificate.map { try Data(contentsOf: URL(fileURLWithPath: $0)) } ?? data
      return (try PrivateKey(pem: data, password: password), try Certificate(pem: source))
    }
    return try PKCS12.read(data, password: password ?? "")
  }
}

struct KeysList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List your keys, and the public keys and certificates in the project.",
    discussion: """
      Compare the fingerprints with what the persons gave you themselves: whoever can write the project's folder can put other \
      certificates there. The verifier keys (.vkey) are those of the log's checkpoints.
      """)

  @OptionGroup var project: ProjectOptions
  @OptionGroup var output: OutputOptions

  private struct Entry: Encodable {
    let name: String
    let kind: String
    let isYours: Bool
    let subject: String?
    let isSelfSigned: Bool?
    let validUntil: String?
    let fingerprint: String
  }

  func run() async throws {
    let entries =
      try UserKeys.ofUser().identities().map { try entry($0.name, $0.certificate, isYours: true) } + projectKeys()
    if output.json { return Console.out(try CanonicalJSON.encode(entries)) }
    guard !entries.isEmpty else { return Console.out("no keys ('vitrine keys create' makes one)") }
    Console.out(
      Format.table(
        [["key", "whose", "what", "valid until", "subject", "SHA-256"]]
          + entries.map {
            [
              $0.name, $0.isYours ? "yours" : "project",
              $0.kind == "certificate"
                ? ($0.isSelfSigned == true ? "self-signed certificate" : "certificate") : $0.kind,
              $0.validUntil.map { String($0.prefix(10)) } ?? "", $0.subject ?? "", $0.fingerprint,
            ]
          }))
  }

  private func entry(_ name: String, _ certificate: Certificate, isYours: Bool) throws -> Entry {
    Entry(
      name: name, kind: "certificate", isYours: isYours, subject: try certificate.subject(),
      isSelfSigned: certificate.isSelfSigned, validUntil: try certificate.validity().to,
      fingerprint: try certificate.fingerprint())
  }

  private func projectKeys() throws -> [Entry] {
    let folder = try project.url().appendingPathComponent("keys")
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().compactMap { name in
      let data = try Data(contentsOf: folder.appendingPathComponent(name))
      if name.hasSuffix(".crt") { return try entry(name, Certificate(pem: data), isYours: false) }
      guard name.hasSuffix(".vkey") else { return nil }
      let key = try VerifierKey(
        String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
      return Entry(
        name: name, kind: "verifier key", isYours: false, subject: key.text, isSelfSigned: nil, validUntil: nil,
        fingerprint: try key.key.fingerprint())
    }
  }
}
