import Analysis
import ArgumentParser
import Evidence
import Foundation
import Reports

struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make, import, protect and list keys for signing.",
    discussion: """
      Private keys are files that only you may read, encrypted with a passphrase, in vitrine/keys of your configuration folder \
      ($XDG_CONFIG_HOME, or ~/.config); they never go into a project or a store. Certificates are public; a copy goes into the \
      project's keys/. The keys of logs, which sign checkpoints unattended, have no passphrase.
      """,
    subcommands: [KeysCreate.self, KeysImport.self, KeysProtect.self, KeysList.self])
}

/// What 'keys create' and 'keys import' share.
private enum NewKey {
  static func keep(
    _ key: PrivateKey, _ certificate: Certificate, _ name: String, _ passphrase: Passphrase?, _ project: ProjectOptions
  ) throws {
    let identity = try UserKeys.ofUser().add(name, key: key, certificate: certificate, passphrase: passphrase)
    Console.out("Key '\(identity.name)': \(try certificate.subject())")
    Console.out("  private key    \(identity.keyFile.path)  (keep a copy in a safe place; only you can read it)")
    Console.out(
      passphrase == nil
        ? "  protection     none: whoever can read that file, or a copy of it, can sign as you ('vitrine keys protect "
          + "\(identity.name)' changes that)"
        : "  protection     your passphrase (PBKDF2-HMAC-SHA-256, AES-256-CBC); nobody can sign with the key who has lost it"
    )
    Console.out("  certificate    SHA-256 \(try certificate.fingerprint())")
    Console.out("  valid until    \(try certificate.validity().to)")
    let folder = try project.url()
    if FileManager.default.fileExists(atPath: folder.appendingPathComponent("vitrine.yaml").path) {
      try DossierWriter.write(
        [("\(identity.name).crt", Data(certificate.pem().utf8))], to: folder.appendingPathComponent("keys"))
      Console.out("  copy in        keys/\(identity.name).crt of the project")
    }
  }
}

struct KeysCreate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a P-256 key with a self-signed certificate, for trials.",
    discussion: """
      Nobody but you says who you are in such a certificate: a signature with it shows that the holder of the key signed, not \
      who that is. It is not a qualified or advanced electronic signature of anyone. For more, import a key with a certificate \
      of an authority that the readers of your documentation trust.

      You are asked twice for the passphrase that the key is kept under; signing asks for it again.
      """)

  @Option(help: ArgumentHelp("Your name, as it is to stand in signatures.", valueName: "name")) var name: String
  @Option(help: ArgumentHelp("Your function in the organisation.", valueName: "text")) var function: String?
  @Option(
    name: .customLong("as"), help: ArgumentHelp("What to call the key (default: from the name).", valueName: "key"))
  var key: String?
  @OptionGroup var protection: ProtectionOptions
  @OptionGroup var project: ProjectOptions

  func run() async throws {
    let called = key ?? UserKeys.plainName(name)
    let privateKey = try PrivateKey.generate(.p256)
    let certificate = try Certificate.selfSigned(name: name, title: function, key: privateKey)
    // What would be refused is told before anybody thinks of a passphrase.
    try UserKeys.ofUser().checkVacant(called)
    try NewKey.keep(privateKey, certificate, called, protection.new(for: called), project)
    Console.out("This certificate is self-signed, for trials: it does not establish who you are.")
  }
}

struct KeysImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take over a private key with its certificate.",
    discussion: """
      FILE is PKCS#12 (.p12, .pfx), or PEM with the private key and, unless --certificate names another file, the certificate. \
      If FILE is under a password, that is the first line of --password-file, or you are asked. The key is kept in a file that \
      only you may read, under a passphrase of its own, for which you are asked twice.

      What verification would refuse is not taken: a key that is too weak, a certificate that is expired or not for signatures.
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
  @OptionGroup var protection: ProtectionOptions
  @OptionGroup var project: ProjectOptions

  func validate() throws {
    guard passwordFile != "-" || protection.passphraseFile != "-" else {
      throw ValidationError("standard input can be read once: --password-file or --passphrase-file, not both")
    }
  }

  func run() async throws {
    let (privateKey, certificate) = try read(try PlainFile.read(URL(fileURLWithPath: file), as: file))
    if let fault = try certificate.faultForSigning(with: privateKey) {
      throw EvidenceError(.badKey, "\(self.certificate ?? file): \(fault). Nothing was imported")
    }
    let name = key ?? UserKeys.plainName(certificate.commonName ?? "key")
    try UserKeys.ofUser().checkVacant(name)
    try NewKey.keep(privateKey, certificate, name, protection.new(for: name), project)
    if certificate.isSelfSigned { Console.out("This certificate is self-signed: it does not establish who you are.") }
  }

  private func read(_ data: Data) throws -> (PrivateKey, Certificate) {
    guard data.range(of: Data("-----BEGIN".utf8)) == nil else {
      let source = try certificate.map { try PlainFile.read(URL(fileURLWithPath: $0), as: $0) } ?? data
      return (try pem(data), try Certificate(pem: source))
    }
    // Many such files have no password, which cannot be seen from outside.
    if passwordFile == nil, let found = try? PKCS12.read(data, password: "") { return found }
    return try opened { try PKCS12.read(data, passphrase: $0) }
  }

  private func pem(_ data: Data) throws -> PrivateKey {
    do {
      guard PrivateKey.isEncrypted(data) else { return try PrivateKey(pem: data) }
      return try opened { try PrivateKey(pem: data, passphrase: $0) }
    } catch let error as EvidenceError {
      throw EvidenceError(error.code, "\(file): \(error.message)")
    }
  }

  private func opened<Result>(_ open: (Passphrase) throws -> Result) throws -> Result {
    do {
      return try Passphrases.opening(file, file: passwordFile, option: "--password-file", open)
    } catch is ValidationError {
      throw EvidenceError(
        .badKey,
        "\(file): the key is under a password, and there is no terminal to ask for it; name with --password-file the file that "
          + "holds it in its first line")
    }
  }
}

struct KeysProtect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "protect", abstract: "Put a private key under a passphrase, or under another one.",
    discussion: """
      Encrypts the key's file in its place, all or nothing. Copies that were made before, in backups or by the file system, stay \
      as they are.
      """)

  @Argument(help: "The key's name in 'vitrine keys list'.") var key: String
  @Option(
    help: ArgumentHelp(
      "The file whose first line is the new passphrase ('-': standard input); without it you are asked.",
      valueName: "file"))
  var passphraseFile: String?
  @Option(
    help: ArgumentHelp("The file whose first line is the passphrase that the key has now.", valueName: "file"))
  var currentPassphraseFile: String?

  func run() async throws {
    let keys = UserKeys.ofUser()
    let identity = try keys.identity(key)
    let wasProtected = try UserKeys.isEncrypted(identity.keyFile)
    let new = { try Passphrases.new(for: key, file: passphraseFile) }
    if wasProtected {
      try Passphrases.opening(
        "the private key '\(key)' as it is now", file: currentPassphraseFile, option: "--current-passphrase-file"
      ) { current in
        _ = try keys.privateKey(of: identity) { current }
        try keys.protect(identity, former: { current }, with: new)
      }
    } else {
      try keys.protect(identity, former: { nil }, with: new)
    }
    Console.out(
      "The private key '\(key)' is under \(wasProtected ? "the new" : "your") passphrase: \(identity.keyFile.path)")
    Console.out("Copies made before are as they were; remove those that you do not need.")
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
    let isProtected: Bool?
  }

  /// More files than any project has in keys/.
  private static let mostFiles = 2000
  /// The most that a certificate has.
  private static let mostBytes = 1_000_000

  func run() async throws {
    let keys = UserKeys.ofUser()
    let entries =
      try keys.identities().map {
        try entry($0.name, $0.certificate, isYours: true, isProtected: keys.isProtected($0))
      } + projectKeys()
    if output.json { return Console.out(try CanonicalJSON.encode(entries)) }
    guard !entries.isEmpty else { return Console.out("no keys ('vitrine keys create' makes one)") }
    Console.out(
      Format.table(
        [["key", "whose", "what", "private key", "valid until", "subject", "SHA-256"]]
          + entries.map {
            [
              $0.name, $0.isYours ? "yours" : "project",
              $0.kind == "certificate"
                ? ($0.isSelfSigned == true ? "self-signed certificate" : "certificate") : $0.kind,
              $0.isYours ? $0.isProtected.map { $0 ? "passphrase" : "not protected" } ?? "missing" : "",
              $0.validUntil.map { String($0.prefix(10)) } ?? "", Format.harmless($0.subject ?? ""), $0.fingerprint,
            ]
          }))
    for entry in entries where entry.isProtected == false {
      Console.err("hint: 'vitrine keys protect \(entry.name)' puts that private key under a passphrase")
    }
  }

  private func entry(
    _ name: String, _ certificate: Certificate, isYours: Bool, isProtected: Bool? = nil
  ) throws -> Entry {
    Entry(
      name: name, kind: "certificate", isYours: isYours, subject: try certificate.subject(),
      isSelfSigned: certificate.isSelfSigned, validUntil: try certificate.validity().to,
      fingerprint: try certificate.fingerprint(), isProtected: isProtected)
  }

  private func projectKeys() throws -> [Entry] {
    let folder = try project.url().appendingPathComponent("keys")
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".crt") || $0.hasSuffix(".vkey")
    }
    guard names.count <= Self.mostFiles else {
      throw EvidenceError(
        .badKey,
        "\(folder.path) holds \(names.count) certificates and keys, more than \(Self.mostFiles); remove those that belong to nobody "
          + "who signs here")
    }
    return try names.sorted().map { name in
      let data = try PlainFile.read(folder.appendingPathComponent(name), limit: Self.mostBytes)
      do {
        if name.hasSuffix(".crt") { return try entry(name, Certificate(pem: data), isYours: false) }
        let key = try VerifierKey(
          String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        return Entry(
          name: name, kind: "verifier key", isYours: false, subject: key.text, isSelfSigned: nil, validUntil: nil,
          fingerprint: try key.key.fingerprint(), isProtected: nil)
      } catch let error as EvidenceError {
        throw EvidenceError(error.code, "keys/\(name): \(error.message)")
      }
    }
  }
}
