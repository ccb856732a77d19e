import COpenSSL
import GRDB

/// The C libraries that the evidence store runs on, as loaded now.
public enum LinkedLibraries {
  /// OpenSSL's name, version and date.
  public static var openSSL: String { String(cString: OpenSSL_version(OPENSSL_VERSION)) }

  /// SQLite's version.
  /// - Throws: an error of SQLite if not even a database in memory can be opened.
  public static func sqlite() throws -> String {
    try DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") } ?? "unknown"
  }
}
