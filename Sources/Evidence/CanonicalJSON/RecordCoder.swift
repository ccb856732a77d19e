public import Foundation

/// Writes and reads run records. The text that it writes *is* the record: it is what is digested, logged and signed.
public enum RecordCoder {
  /// The canonical JSON (RFC 8785) of a record.
  /// - Throws: `JSONError` that names the value, if a number is not finite.
  public static func encode(_ record: RunRecord) throws -> Data { try CanonicalJSON.encode(record) }

  /// Reads a record back: `decode(encode(x)) == x`, but for the sign of zeros.
  /// - Throws: `JSONError`; `EvidenceError.unsupportedRecord` if the record is in another format than this program's.
  public static func decode(_ document: Data) throws -> RunRecord {
    let value = try CanonicalJSON.parse(document)
    guard case .string(let schema) = value["schema"] else {
      throw JSONError(.mismatch, path: [], "the key 'schema' is missing: this is not a run record")
    }
    guard schema == RunRecord.currentSchema else {
      throw EvidenceError(
        .unsupportedRecord,
        "this run record has the format '\(schema)'; this program reads '\(RunRecord.currentSchema)'. "
          + "Use the version of vitrine that the record names under program.version, or a newer one.")
    }
    return try value.decoded(as: RunRecord.self)
  }
}
