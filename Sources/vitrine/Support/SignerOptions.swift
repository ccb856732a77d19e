import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project

/// Who signs, and with which key: what every command that signs takes.
struct SignerOptions: ParsableArguments {
  @Option(
    name: [.customLong("name"), .customLong("as")],
    help: ArgumentHelp("Who signs (default: the name in the certificate).", valueName: "name"))
  var name: String?
  @Option(
    help: ArgumentHelp(
      "The signer's function (default: as vitrine.yaml or the certificate has it).", valueName: "text"))
  var function: String?
  @OptionGroup var keys: KeyOptions

  /// What signs.
  typealias Signer = KeyOptions.Signer

  /// Whether a key is named.
  var namesKey: Bool { keys.isGiven }

  /// The key to sign with; asks for its passphrase.
  func signer() throws -> Signer { try keys.signer() }

  /// A key with its certificate; asks for the key's passphrase.
  func certificateSigner() throws -> (Certificate, PrivateKey) {
    let (certificate, unlock) = try certificateHolder()
    return (certificate, try unlock())
  }

  /// A certificate, and what gives its key when it is needed: only then the passphrase is asked for.
  func certificateHolder() throws -> (Certificate, unlock: () throws -> PrivateKey) {
    let (certificate, unlock) = try keys.holder()
    guard let certificate else {
      throw ValidationError("this signature needs a certificate: give it with --certificate")
    }
    return (certificate, unlock)
  }

  /// Who signs and in which function, from the options, `vitrine.yaml` and the certificate.
  /// - Parameter people: the persons of the project.
  func person(_ certificate: Certificate?, people: [Project.Person]) throws -> (name: String, function: String) {
    guard let name = name ?? certificate?.commonName else { throw ValidationError("say with --name who signs") }
    guard let function = function ?? people.first(where: { $0.name == name })?.function ?? certificate?.title else {
      throw ValidationError(
        "say with --function what \(name) does in the organisation, e.g. --function \"Head of Credit Risk\"")
    }
    if let holder = certificate?.commonName, holder != name {
      Console.err("warning: the certificate names '\(holder)', the statement '\(name)'; both are recorded")
    }
    return (name, function)
  }
}

/// With which key something is signed.
struct KeyOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Which key of 'vitrine keys list' (default: the only one).", valueName: "key"))
  var key: String?
  @Option(help: ArgumentHelp("A private key in PEM form.", valueName: "file")) var keyFile: String?
  @Option(help: ArgumentHelp("The certificate of --key-file in PEM form.", valueName: "file")) var certificate: String?
  @Option(
    help: ArgumentHelp(
      "The file whose first line is the key's passphrase ('-': standard input); without it you are asked.",
      valueName: "file"))
  var passphraseFile: String?

  /// What signs.
  enum Signer {
    case certificate(Certificate, PrivateKey)
    case bare(PrivateKey)
  }

  /// Whether any of the options is given.
  var isGiven: Bool { key != nil || keyFile != nil || certificate != nil || passphraseFile != nil }

  /// The key to sign with; asks for its passphrase.
  func signer() throws -> Signer {
    let (certificate, unlock) = try holder()
    let key = try unlock()
    return certificate.map { .certificate($0, key) } ?? .bare(key)
  }

  /// The certificate, if there is one, and what gives the key when it is needed: only then the passphrase is asked for.
  func holder() throws -> (certificate: Certificate?, unlock: () throws -> PrivateKey) {
    if let keyFile {
      guard key == nil else { throw ValidationError("give --key or --key-file, not both") }
      let certificate = try certificate.map {
        try Certificate(pem: try PlainFile.read(URL(fileURLWithPath: $0), limit: Self.mostBytes))
      }
      return (certificate, { try unlocked(URL(fileURLWithPath: keyFile), called: keyFile) })
    }
    let keys = UserKeys.ofUser()
    let identities = try keys.identities()
    guard key != nil || identities.count == 1 else {
      throw ValidationError(
        identities.isEmpty
          ? "you have no key to sign with; 'vitrine keys create --name \"Your Name\"' makes one, 'vitrine keys import' takes "
            + "yours" : "say with --key which: \(identities.map(\.name).joined(separator: ", "))")
    }
    let identity = try keys.identity(key ?? identities[0].name)
    return (
      identity.certificate,
      {
        let key = try unlocked(identity.keyFile, called: identity.name)
        if keys.isProtected(identity) == false {
          Console.err(
            "hint: the private key '\(identity.name)' is kept without a passphrase; 'vitrine keys protect \(identity.name)' "
              + "changes that")
        }
        return key
      }
    )
  }

  /// The most that a certificate's file has.
  private static let mostBytes = 1_000_000

  private func unlocked(_ file: URL, called name: String) throws -> PrivateKey {
    guard try UserKeys.isEncrypted(file) else {
      if passphraseFile != nil {
        Console.err("warning: the private key '\(name)' has no passphrase; --passphrase-file was not read")
      }
      return try UserKeys.read(file) { nil }
    }
    return try Passphrases.opening("the private key '\(name)'", file: passphraseFile, option: "--passphrase-file") {
      passphrase in try UserKeys.read(file) { passphrase }
    }
  }
}
