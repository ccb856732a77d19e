internal import COpenSSL
import Foundation

/// What all uses of OpenSSL share.
enum OpenSSL {
  /// An error with OpenSSL's own reason, whose queue of errors is then empty.
  static func failure(_ what: String) -> EvidenceError {
    EvidenceError(.cryptography, "OpenSSL: \(what) (\(reason())); check the installation of libcrypto")
  }

  /// OpenSSL's first reason in its queue of errors, which is then empty.
  static func reason() -> String {
    let code = ERR_get_error()
    ERR_clear_error()
    guard code != 0 else { return "no reason given" }
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(code, &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Gives OpenSSL bytes to read.
  static func reading<Value>(_ data: Data, _ body: (OpaquePointer) throws -> Value) throws -> Value {
    try data.withUnsafeBytes { bytes in
      // OpenSSL takes no empty buffer.
      var nothing: UInt8 = 0
      let source =
        bytes.isEmpty
        ? BIO_new_mem_buf(&nothing, 0) : BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
      guard let source else { throw failure("no memory") }
      defer { BIO_free(source) }
      return try body(source)
    }
  }

  /// Collects what OpenSSL writes.
  static func writing(_ what: String, _ body: (OpaquePointer) -> Int32) throws -> Data {
    guard let sink = BIO_new(BIO_s_mem()) else { throw failure("no memory") }
    defer { BIO_free(sink) }
    guard body(sink) == 1 else { throw failure(what) }
    var data = Data()
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = BIO_read(sink, &buffer, Int32(buffer.count))
      guard count > 0 else { return data }
      data.append(contentsOf: buffer[0..<Int(count)])
    }
  }
}
