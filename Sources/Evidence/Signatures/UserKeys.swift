import Analysis
public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The private keys of the user of this machine: files that only the user may read, in the user's configuration folder and
/// never in a project or a store.
///
/// `keys/NAME.key` is a person's private key (PKCS#8, PEM), encrypted with a passphrase unless its owner decided otherwise,
/// `keys/NAME.crt` its certificate; `logs/UUID.key` is the Ed25519 key that signs the checkpoints of the log `vitrine/UUID`, which
/// signs unattended and is therefore not encrypted.
public struct UserKeys: Sendable {
  /// A person's key with its certificate.
  public struct Identity: Sendable {
    /// What the key is called here.
    public let name: String
    /// The certificate.
    public let certificate: Certificate
    /// The file of the private key.
    public let keyFile: URL
  }

  /// The folder, `vitrine` in the user's configuration folder.
  public let folder: URL

  /// Keys in a folder.
  public init(folder: URL) { self.folder = folder }

  /// The keys of the user: `$XDG_CONFIG_HOME/vitrine`, or `~/.config/vitrine`.
  public static func ofUser(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> UserKeys {
    let configured = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : nil }
    let home = environment["HOME"].map { URL(fileURLWithPath: $0) } ?? FileManager.default.homeDirectoryForCurrentUser
    let folder = configured ?? home.appendingPathComponent(".config")
    return UserKeys(folder: folder.appendingPathComponent("vitrine"))
  }

  private var people: URL { folder.appendingPathComponent("keys") }
  private var logs: URL { folder.appendingPathComponent("logs") }

  // MARK: Logs

  /// The key that signs a log's checkpoints, made if this user has none for the log.
  /// - Returns: the key, and whether it is new.
  /// - Throws: `EvidenceError.badKey`, `.inputOutput`.
  public func logKey(origin: String) throws -> (key: PrivateKey, isNew: Bool) {
    let name = origin.split(separator: "/").last.map(String.init) ?? origin
    guard Self.isPlain(name) else {
      throw EvidenceError(.badKey, "the log '\(origin)' has a name that no file can have")
    }
    let file = logs.appendingPathComponent("\(name).key")
    if FileManager.default.fileExists(atPath: file.path) { return (try Self.read(file) { nil }, false) }
    let key = try PrivateKey.generate(.ed25519)
    try DurableFile.makeFolder(logs, rights: 0o700)
    try DurableFile.create(key.pem(), at: file, rights: 0o600)
    return (key, true)
  }

  // MARK: Persons

  /// The persons' keys, by name.
  public func identities() throws -> [Identity] {
    guard FileManager.default.fileExists(atPath: people.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: people.path).filter { $0.hasSuffix(".crt") }.sorted()
      .map { try identity(String($0.dropLast(4))) }
  }

  /// A person's key by its name.
  /// - Throws: `EvidenceError.badKey` if there is none of that name.
  public func identity(_ name: String) throws -> Identity {
    let file = people.appendingPathComponent("\(name).crt")
    guard Self.isPlain(name), FileManager.default.fileExists(atPath: file.path) else {
      throw EvidenceError(
        .badKey,
        "there is no key '\(name)' in \(people.path); 'vitrine keys list' shows those that there are, "
          + "'vitrine keys create' makes one")
    }
    return Identity(
      name: name, certificate: try Certificate(pem: try PlainFile.read(file, limit: Self.mostBytes)),
      keyFile: people.appendingPathComponent("\(name).key"))
  }

  /// A person's private key.
  /// - Parameter passphrase: gives the passphrase; asked only if the key is encrypted.
  /// - Throws: `EvidenceError`: `.badKey` if others may read the file, or it is no key; `.wrongPassphrase`.
  public func privateKey(
    of identity: Identity, passphrase: () throws -> Passphrase? = { nil }
  ) throws -> PrivateKey { try Self.read(identity.keyFile, passphrase: passphrase) }

  /// Whether a person's private key is encrypted; nil if it is not here.
  public func isProtected(_ identity: Identity) -> Bool? {
    (try? PlainFile.read(identity.keyFile, limit: Self.mostBytes)).map { PrivateKey.isEncrypted($0) }
  }

  /// Keeps a person's key and certificate under a name.
  /// - Parameter passphrase: what the key is encrypted with; nil: it is not.
  /// - Throws: `EvidenceError.badKey` if the name is taken or no file can have it, the two do not belong together, or the passphrase
  ///   is too weak.
  public func add(
    _ name: String, key: PrivateKey, certificate: Certificate, passphrase: Passphrase? = nil
  ) throws -> Identity {
    try checkVacant(name)
    guard certificate.belongs(to: key) else {
      throw EvidenceError(.badKey, "the private key does not belong to the certificate \(try certificate.subject())")
    }
    let content = try passphrase.map(key.pem(protectedBy:)) ?? key.pem()
    let (file, keyFile) = (people.appendingPathComponent("\(name).crt"), people.appendingPathComponent("\(name).key"))
    try DurableFile.makeFolder(people, rights: 0o700)
    try UnfinishedWork.whole {
      try DurableFile.create(content, at: keyFile, rights: 0o600)
      do { try DurableFile.create(Data(certificate.pem().utf8), at: file, rights: 0o644) } catch {
        unlink(keyFile.path)
        throw error
      }
    }
    return try identity(name)
  }

  /// Refuses a name that no file can have or that is taken.
  /// - Throws: `EvidenceError.badKey`.
  public func checkVacant(_ name: String) throws {
    guard Self.isPlain(name) else {
      throw EvidenceError(
        .badKey, "'\(name)' cannot name a key: use small letters, digits, '-' and '_', e.g. ada-example")
    }
    for ending in ["crt", "key"] {
      let file = people.appendingPathComponent("\(name).\(ending)")
      guard !FileManager.default.fileExists(atPath: file.path) else {
        throw EvidenceError(.badKey, "there is a key '\(name)' already in \(people.path); give this one another name")
      }
    }
  }

  /// Encrypts a person's private key in its place, or under another passphrase.
  /// - Parameters:
  ///   - former: gives the passphrase that it has; asked only if it has one.
  ///   - passphrase: gives the new one.
  /// - Throws: `EvidenceError`; the file is then as it was.
  public func protect(
    _ identity: Identity, former: () throws -> Passphrase?, with passphrase: () throws -> Passphrase
  ) throws {
    let key = try privateKey(of: identity, passphrase: former)
    guard identity.certificate.belongs(to: key) else {
      throw EvidenceError(
        .badKey, "\(identity.keyFile.path): this private key does not belong to the certificate beside it")
    }
    try DurableFile.replace(
      identity.keyFile.resolvingSymlinksInPath(), with: key.pem(protectedBy: passphrase()), rights: 0o600)
  }

  /// A name for a person's key from the person's name: `Ada Example` → `ada-example`.
  public static func plainName(_ person: String) -> String {
    let ascii = person.applyingTransform(.toLatin, reverse: false)?.applyingTransform(.stripDiacritics, reverse: false)
    let words = (ascii ?? person).lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    // It becomes part of file names, which may have 255 bytes.
    var name = words.first.map { String($0.prefix(mostCharacters)) } ?? "key"
    for word in words.dropFirst() where name.count + 1 + word.count <= mostCharacters { name += "-" + word }
    return name
  }

  /// The most that a person's or a system's name becomes in a file name.
  private static let mostCharacters = 80

  /// The most that a file with a key or a certificate has.
  private static let mostBytes = 1_000_000

  // MARK: Files

  /// Whether the private key in a file is encrypted.
  /// - Throws: `EvidenceError.badKey` if it cannot be read.
  public static func isEncrypted(_ file: URL) throws -> Bool { PrivateKey.isEncrypted(try content(file).content) }

  /// Reads a private key that nobody else may read.
  /// - Parameter passphrase: gives the passphrase, or nil; asked only if the key is encrypted.
  /// - Throws: `EvidenceError`: `.badKey`, `.wrongPassphrase`.
  public static func read(_ file: URL, passphrase: () throws -> Passphrase?) throws -> PrivateKey {
    let (content, mode) = try content(file)
    guard mode & 0o077 == 0 else {
      throw EvidenceError(
        .badKey,
        "\(file.path): others may read this private key; change that with 'chmod 600 \(file.path)', and ask "
          + "yourself who has read it")
    }
    let given = PrivateKey.isEncrypted(content) ? try passphrase() : nil
    do {
      return try PrivateKey(pem: content, passphrase: given)
    } catch let error as EvidenceError {
      throw EvidenceError(error.code, "\(file.path): \(error.message)")
    }
  }

  private static func content(_ file: URL) throws -> (content: Data, mode: mode_t) {
    do { return try PlainFile.readWithMode(file, limit: mostBytes) } catch let problem as PlainFile.Problem {
      throw EvidenceError(.badKey, "\(problem.description): it should hold the private key")
    }
  }

  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 100
      && name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
      }
  }
}
