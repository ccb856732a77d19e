import Evidence

/// Names of files in a bundle.
enum BundlePath {
  static let mimetype = "mimetype"
  /// `application/vnd.etsi.asic-e+zip` (ETSI EN 319 162-1 clause 4.4.3.1).
  static let mediaType = "application/vnd.etsi.asic-e+zip"
  static let meta = "META-INF/"
  static let withheld = "META-INF/withheld.json"
  static let sums = "SHA256SUMS"
  static let proofs = "log/proofs.json"
  static let instructions = "VERIFY.md"
  static let script = "verify_proofs.py"
  /// The scripts of `VERIFY.md`, by whose digests it names them.
  static let scripts = ["verify_archive.py", "verify_files.py", script, "verify_signatures.py"]
  static let dossier = "dossier/"

  /// Whether a text is a relative path that needs no escape anywhere.
  static func isPlain(_ text: String) -> Bool { SignOff.Statement.isPath(text) }

  /// The media type by the ending of a name.
  static func mediaType(of name: String) -> String {
    switch name.split(separator: ".").last {
    case "html": "text/html"
    case "md": "text/markdown"
    case "json": "application/json"
    case "yaml": "application/yaml"
    case "py": "text/x-python"
    case "csv": "text/csv"
    case "ics": "text/calendar"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "jpg", "jpeg": "image/jpeg"
    case "gif": "image/gif"
    case "webp": "image/webp"
    case "pdf": "application/pdf"
    case "crt", "pem": "application/x-pem-file"
    case "txt", "vkey": "text/plain"
    default: name == sums ? "text/plain" : "application/octet-stream"
    }
  }
}
