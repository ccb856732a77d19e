import Evidence
import Foundation

/// The program `openssl`, for certificates and time-stamps that Vitrine does not make itself.
enum OpenSSLProgram {
  static let isThere: Bool = {
    let found = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/openssl")
    }
    if !found { print("SKIPPED: the program 'openssl' is not installed, so nothing is compared with it") }
    return found
  }()

  struct Failure: Error, CustomStringConvertible { let description: String }

  /// Runs a shell script in a folder.
  @discardableResult
  static func shell(_ script: String, in folder: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-euc", script]
    process.currentDirectoryURL = folder
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    defer { try? pipe.fileHandleForReading.close() }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    guard process.terminationStatus == 0 else { throw Failure(description: "\(script): \(text)") }
    return text
  }

  /// A self-signed certificate with any validity and extensions.
  static func certificate(from: String, to: String, extensions: String) throws -> (Certificate, PrivateKey) {
    let folder = try DossierFixtures.Folder([
      "ca.cnf": """
      [ca]
      default_ca = this
      [this]
      database = index.txt
      serial = serial
      new_certs_dir = .
      default_md = sha256
      policy = any
      x509_extensions = extensions
      [any]
      commonName = supplied
      [extensions]
      \(extensions)
      """, "index.txt": "", "serial": "01\n",
    ])
    try shell(
      """
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out r.pem -subj '/CN=Eve Example'
      openssl ca -batch -config ca.cnf -selfsign -keyfile k.pem -in r.pem -out c.pem -startdate \(from) -enddate \(to)
      """, in: folder.url)
    return (
      try Certificate(pem: try Data(contentsOf: folder.url.appendingPathComponent("c.pem"))),
      try PrivateKey(pem: try Data(contentsOf: folder.url.appendingPathComponent("k.pem")))
    )
  }
}

/// A time-stamping authority of the test's own, played by openssl.
final class StampingAuthority {
  let folder: DossierFixtures.Folder

  /// nil if there is no openssl.
  init?() throws {
    guard OpenSSLProgram.isThere else { return nil }
    folder = try DossierFixtures.Folder(["tsa.cnf": Self.configuration, "tsaserial": "01\n"])
    try OpenSSLProgram.shell(
      """
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tsa.key -out tsa.pem -days 30 \
        -subj '/CN=Trial Time-Stamping' -addext 'extendedKeyUsage=critical,timeStamping' \
        -addext 'keyUsage=critical,digitalSignature' -addext 'basicConstraints=CA:FALSE'
      """, in: folder.url)
  }

  private static let configuration = """
    [tsa]
    default_tsa = this
    [this]
    dir = .
    serial = tsaserial
    crypto_device = builtin
    signer_cert = tsa.pem
    signer_key = tsa.key
    signer_digest = sha256
    default_policy = 1.2.3.4.1
    digests = sha256
    accuracy = secs:1
    ess_cert_id_alg = sha256
    """

  /// The authority's answer to a request.
  func answer(_ query: Data) throws -> Data {
    try query.write(to: folder.url.appendingPathComponent("q.tsq"))
    try OpenSSLProgram.shell(
      "openssl ts -reply -config tsa.cnf -section this -queryfile q.tsq -out r.tsr", in: folder.url)
    return try Data(contentsOf: folder.url.appendingPathComponent("r.tsr"))
  }

  var certificate: String { folder.url.appendingPathComponent("tsa.pem").path }
}
