internal import CLibzip
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes and reads the ZIP archive of a bundle through libzip: files stored as they are, one fixed time, no extra fields, so
/// that the same files give the same bytes.
enum BundleArchive {
  /// One file.
  typealias File = (name: String, content: Data)

  /// Writes an archive under a new name; nothing is left behind if it fails.
  /// - Throws: `ReportsError` `unwritable`.
  static func write(_ files: [File], to url: URL) throws {
    precondition(files.first?.name == BundlePath.mimetype, "an ASiC container begins with its media type")
    var code: Int32 = 0
    guard let archive = zip_open(url.path, ZIP_CREATE | ZIP_EXCL, &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      throw ReportsError(.unwritable, "cannot write \(url.path): \(String(cString: zip_error_strerror(&error)))")
    }
    // libzip reads the buffers when it closes the archive, so they must live until then.
    var buffers: [UnsafeMutableRawPointer] = []
    defer { buffers.forEach { $0.deallocate() } }
    var isOpen = true
    defer { if isOpen { zip_discard(archive) } }
    for file in files {
      let buffer = UnsafeMutableRawPointer.allocate(byteCount: max(1, file.content.count), alignment: 1)
      buffers.append(buffer)
      file.content.copyBytes(to: buffer.assumingMemoryBound(to: UInt8.self), count: file.content.count)
      try add(file.name, buffer, file.content.count, to: archive, url)
    }
    guard zip_close(archive) == 0 else { throw failure(archive, url) }
    isOpen = false
  }

  private static func add(
    _ name: String, _ buffer: UnsafeMutableRawPointer, _ count: Int, to archive: OpaquePointer, _ url: URL
  ) throws {
    guard let source = zip_source_buffer(archive, buffer, zip_uint64_t(count), 0) else { throw failure(archive, url) }
    let index = zip_file_add(archive, name, source, zip_flags_t(ZIP_FL_ENC_GUESS))
    guard index >= 0 else {
      zip_source_free(source)
      throw failure(archive, url)
    }
    let place = zip_uint64_t(index)
    // A plain file that its owner may write and all may read.
    let attributes = zip_uint32_t(0o100644) << 16
    guard zip_set_file_compression(archive, place, vitrine_zip_store, 0) == 0,
      zip_file_set_dostime(archive, place, 0, vitrine_zip_date, 0) == 0,
      zip_file_set_external_attributes(archive, place, 0, vitrine_zip_unix, attributes) == 0
    else { throw failure(archive, url) }
  }

  private static func failure(_ archive: OpaquePointer, _ url: URL) -> ReportsError {
    ReportsError(.unwritable, "cannot write \(url.path): \(String(cString: zip_strerror(archive)))")
  }

  /// Reads an archive whose structure is the one that is written here.
  /// - Returns: the files in order.
  /// - Throws: `BundleFault` if the structure is another, or the bytes of a file are not those of its CRC-32.
  static func read(_ data: Data) throws -> [File] {
    let structure = try StrictArchive(data)
    return try data.withUnsafeBytes { bytes in
      var error = zip_error_t()
      zip_error_init(&error)
      defer { zip_error_fini(&error) }
      guard let source = zip_source_buffer_create(bytes.baseAddress, zip_uint64_t(bytes.count), 0, &error),
        let archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error)
      else { throw fault(nil, "libzip does not open it: \(String(cString: zip_error_strerror(&error)))") }
      defer { zip_discard(archive) }
      guard zip_get_num_entries(archive, 0) == structure.entries.count else {
        throw fault(nil, "libzip finds another number of files in it")
      }
      return try structure.entries.enumerated().map { index, entry in
        guard let name = zip_get_name(archive, zip_uint64_t(index), zip_flags_t(ZIP_FL_ENC_RAW)),
          String(cString: name) == entry.name
        else { throw fault(entry.name, "libzip reads another name") }
        let content = try content(zip_uint64_t(index), entry, archive)
        guard content == data[data.startIndex + entry.range.lowerBound..<data.startIndex + entry.range.upperBound]
        else { throw fault(entry.name, "libzip reads other bytes than stand there") }
        return (entry.name, content)
      }
    }
  }

  private static func content(_ index: zip_uint64_t, _ entry: StrictArchive.Entry, _ archive: OpaquePointer) throws
    -> Data
  {
    guard let file = zip_fopen_index(archive, index, 0) else {
      throw fault(entry.name, "it cannot be opened: \(String(cString: zip_strerror(archive)))")
    }
    defer { zip_fclose(file) }
    // One byte more than there should be: libzip compares the CRC when it meets the end.
    var buffer = Data(count: entry.range.count + 1)
    var count = 0
    while count < buffer.count {
      let got = buffer.withUnsafeMutableBytes {
        zip_fread(file, $0.baseAddress?.advanced(by: count), UInt64($0.count - count))
      }
      guard got >= 0 else {
        throw fault(entry.name, "its bytes are not those of its checksum: \(String(cString: zip_file_strerror(file)))")
      }
      if got == 0 { break }
      count += Int(got)
    }
    guard count == entry.range.count else { throw fault(entry.name, "it is longer or shorter than its header says") }
    return buffer.prefix(count)
  }

  private static func fault(_ file: String?, _ what: String) -> BundleFault {
    BundleFault(problem: BundleProblem(.archive, file, what))
  }
}
