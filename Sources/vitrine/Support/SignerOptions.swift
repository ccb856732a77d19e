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
  @Option(help: ArgumentHelp("Which key of 'vitrine keys list' (default: the only one).", valueName: "key"))
  var key: String?
  @Option(help: ArgumentHelp("A private key in PEM form.", valueName: "file")) var keyFile: String?
  @Option(help: ArgumentHelp("The certificate of --key-file in PEM form.", valueName: "file")) var certificate: String?

  /// What signs.
  enum Signer {
    case certificate(Certificate, PrivateKey)
    case bare(PrivateKey)
  }

  /// The key to sign with.
  func signer() throws -> Signer {
    if let keyFile {
      guard key == nil else { throw ValidationError("give --key or --key-file, not both") }
      let privateKey = try UserKeys.read(URL(fileURLWithPath: keyFile))
      guard let certificate else { return .bare(privateKey) }
      return .certificate(
        try Certificate(pem: try Data(contentsOf: URL(fileURLWithPath: certificate))), privateKey)
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
    return .certificate(identity.certificate, try keys.privateKey(of: identity))
  }

  /// A key with its certificate.
  func certificateSigner() throws -> (Certificate, PrivateKey) {
    guard case .certificate(let certificate, let key) = try signer() else {
      throw ValidationError("this signature needs a certificate: give it with --certificate")
    }
    return (certificate, key)
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
