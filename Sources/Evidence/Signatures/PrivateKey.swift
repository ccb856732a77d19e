internal import COpenSSL
public import Foundation

/// A private key in memory: Ed25519, P-256 or RSA.
///
/// Unchecked: the key is made once and only read afterwards; OpenSSL counts its references atomically.
public final class PrivateKey: @unchecked Sendable {
  /// What a new key is for.
  public enum Algorithm: String, Sendable {
    /// Edwards curve 25519 (RFC 8032), for checkpoints.
    case ed25519
    /// NIST P-256, for signatures with a certificate.
    case p256
  }

  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { self.pointer = pointer }

  deinit { EVP_PKEY_free(pointer) }

  /// A new key.
  public static func generate(_ algorithm: Algorithm) throws -> PrivateKey {
    switch algorithm {
    case .p256:
      guard let key = vitrine_p256_key() else { throw OpenSSL.failure("no P-256 key was made") }
      return PrivateKey(owning: key)
    case .ed25519:
      guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nil) else { throw OpenSSL.failure("no Ed25519") }
      defer { EVP_PKEY_CTX_free(context) }
      var key: OpaquePointer?
      guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_keygen(context, &key) == 1, let key else {
        throw OpenSSL.failure("no Ed25519 key was made")
      }
      return PrivateKey(owning: key)
    }
  }

  /// A key from a PEM text (PKCS#8 or an older form).
  /// - Parameter passphrase: what the key is encrypted with; nil: it is not.
  /// - Throws: `EvidenceError`: `.wrongPassphrase` if the key is encrypted with something else; `.badKey` if the text holds no
  ///   private key, or one that is encrypted and no passphrase is given.
  public init(pem: Data, passphrase: Passphrase? = nil) throws {
    let isEncrypted = Self.isEncrypted(pem)
    if isEncrypted, passphrase == nil {
      throw EvidenceError(
        .badKey,
        "the private key is encrypted, and no passphrase is given; name the file that holds it in its first line")
    }
    try Self.checkWork(OpenSSL.reading(pem) { vitrine_pem_work($0) })
    ERR_clear_error()
    let key = try OpenSSL.reading(pem) { source in
      guard let passphrase else { return vitrine_read_private_key(source, nil, 0) }
      return passphrase.withBytes { vitrine_read_private_key(source, $0, $1) }
    }
    guard let key else {
      guard !isEncrypted else {
        ERR_clear_error()
        throw EvidenceError(.wrongPassphrase, "the passphrase is not that of this key, or the file is damaged")
      }
      throw EvidenceError(
        .badKey,
        "no private key can be read (\(OpenSSL.reason())); give a key in PEM form, as 'openssl pkcs8 -topk8' writes it, or PKCS#12"
      )
    }
    ERR_clear_error()
    pointer = key
  }

  /// As `init(pem:passphrase:)`, with a password that is a text.
  public convenience init(pem: Data, password: String?) throws {
    try self.init(pem: pem, passphrase: password.map { Passphrase($0) })
  }

  /// Whether a PEM text says that its private key is encrypted: PKCS#8 (RFC 7468) or the older form (RFC 1421).
  public static func isEncrypted(_ pem: Data) -> Bool {
    ["-----BEGIN ENCRYPTED PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED"].contains {
      pem.range(of: Data($0.utf8)) != nil
    }
  }

  /// How many rounds a file may ask for before it is refused; ten times what is usual takes seconds.
  private static let mostWork: UInt64 = 20_000_000

  /// Refuses a file that would keep the processor busy for minutes.
  static func checkWork(_ work: UInt64) throws {
    guard work <= mostWork else {
      throw EvidenceError(
        .badKey,
        "the key's protection asks for more than \(mostWork) rounds of derivation; write it anew, e.g. with 'openssl pkcs8 -topk8'"
      )
    }
  }

  /// A key from the 32 bytes of an Ed25519 seed (RFC 8032 section 5.1.5).
  init(ed25519Seed seed: [UInt8]) throws {
    guard seed.count == 32, let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else {
      throw OpenSSL.failure("not an Ed25519 seed")
    }
    pointer = key
  }

  /// The key as PKCS#8 in PEM form, unencrypted.
  public func pem() throws -> Data {
    try OpenSSL.writing("the key cannot be written") {
      PEM_write_bio_PKCS8PrivateKey($0, pointer, nil, nil, 0, nil, nil)
    }
  }

  /// How many rounds of PBKDF2-HMAC-SHA-256 stand between a guess and the key (OWASP Password Storage Cheat Sheet, 2023).
  static let rounds: Int32 = 600_000

  /// The key as PKCS#8 in PEM form, encrypted (RFC 5958, `EncryptedPrivateKeyInfo`) with PBES2: PBKDF2-HMAC-SHA-256, AES-256-CBC.
  /// - Throws: `EvidenceError.badKey` if the passphrase is too weak.
  public func pem(protectedBy passphrase: Passphrase) throws -> Data {
    if let weakness = passphrase.weakness { throw EvidenceError(.badKey, weakness) }
    return try OpenSSL.writing("the key cannot be encrypted") { sink in
      passphrase.withBytes { vitrine_write_encrypted_key(sink, pointer, $0, $1, Self.rounds) }
    }
  }

  /// The public half.
  public func publicKey() throws -> PublicKey {
    let der = try OpenSSL.writing("the public key cannot be written") { i2d_PUBKEY_bio($0, pointer) }
    return try PublicKey(der: der)
  }

  /// Whether this is an Ed25519 key.
  public var isEd25519: Bool { EVP_PKEY_get_id(pointer) == EVP_PKEY_ED25519 }

  /// An Ed25519 signature (RFC 8032, 64 bytes) of a message.
  /// - Throws: `EvidenceError.badKey` if the key is of another kind.
  public func ed25519Signature(of message: Data) throws -> Data {
    guard isEd25519 else {
      throw EvidenceError(.badKey, "this signature takes an Ed25519 key; the key given is of another kind")
    }
    guard let context = EVP_MD_CTX_new() else { throw OpenSSL.failure("no memory") }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestSignInit(context, nil, nil, nil, pointer) == 1 else { throw OpenSSL.failure("signing failed") }
    var signature = [UInt8](repeating: 0, count: 64)
    var count = signature.count
    let bytes = [UInt8](message)
    guard EVP_DigestSign(context, &signature, &count, bytes, bytes.count) == 1, count == 64 else {
      throw OpenSSL.failure("signing failed")
    }
    return Data(signature)
  }
}

/// A public key.
///
/// Unchecked: the key is made once and only read afterwards; OpenSSL counts its references atomically.
public final class PublicKey: @unchecked Sendable {
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { self.pointer = pointer }

  deinit { EVP_PKEY_free(pointer) }

  /// A key from its SubjectPublicKeyInfo in DER form.
  /// - Throws: `EvidenceError.badKey`.
  public convenience init(der: Data) throws {
    guard let key = try OpenSSL.reading(der, { d2i_PUBKEY_bio($0, nil) }) else {
      throw EvidenceError(.badKey, "no public key can be read (\(OpenSSL.reason()))")
    }
    self.init(owning: key)
  }

  /// A key from a PEM text.
  /// - Throws: `EvidenceError.badKey`.
  public convenience init(pem: String) throws {
    guard let key = try OpenSSL.reading(Data(pem.utf8), { PEM_read_bio_PUBKEY($0, nil, nil, nil) }) else {
      throw EvidenceError(.badKey, "no public key can be read (\(OpenSSL.reason()))")
    }
    self.init(owning: key)
  }

  /// An Ed25519 key from its 32 bytes (RFC 8032).
  /// - Throws: `EvidenceError.badKey`.
  public convenience init(ed25519 bytes: [UInt8]) throws {
    guard bytes.count == 32, let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count) else {
      throw EvidenceError(.badKey, "not an Ed25519 public key: \(OpenSSL.reason())")
    }
    self.init(owning: key)
  }

  /// The key's SubjectPublicKeyInfo in PEM form.
  public func pem() throws -> String {
    String(
      decoding: try OpenSSL.writing("the public key cannot be written") { PEM_write_bio_PUBKEY($0, pointer) },
      as: UTF8.self)
  }

  /// The 32 bytes of an Ed25519 key.
  /// - Throws: `EvidenceError.badKey` if the key is of another kind.
  public func ed25519Bytes() throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 32)
    var count = bytes.count
    guard EVP_PKEY_get_id(pointer) == EVP_PKEY_ED25519, EVP_PKEY_get_raw_public_key(pointer, &bytes, &count) == 1 else {
      throw EvidenceError(.badKey, "this is no Ed25519 key")
    }
    return bytes
  }

  /// SHA-256 of the key's SubjectPublicKeyInfo, hex: what `openssl pkey -pubin -outform DER | sha256sum` prints.
  public func fingerprint() throws -> String {
    try SHA256.digest(of: OpenSSL.writing("the public key cannot be written") { i2d_PUBKEY_bio($0, pointer) }).hex
  }

  /// Whether an Ed25519 signature of a message is this key's.
  public func verifiesEd25519(_ signature: Data, of message: Data) throws -> Bool {
    guard let context = EVP_MD_CTX_new() else { throw OpenSSL.failure("no memory") }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_PKEY_get_id(pointer) == EVP_PKEY_ED25519,
      EVP_DigestVerifyInit(context, nil, nil, nil, pointer) == 1
    else { throw EvidenceError(.badKey, "this is no Ed25519 key") }
    let (signature, bytes) = ([UInt8](signature), [UInt8](message))
    let result = EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count)
    ERR_clear_error()
    return result == 1
  }
}
