import Foundation

/// The structure of a ZIP archive, read strictly: only the one form that `BundleArchive` writes passes, in which every byte of
/// the file has one place and one meaning.
///
/// ZIP (PKWARE APPNOTE 6.3) says most things twice and lets programs choose whom to believe: names and sizes stand beside the
/// data and in the directory at the end, data may hide between entries, and a name may occur twice. Here both must agree,
/// entries follow one another without gaps in the order of the directory, nothing is compressed (so nothing can be a bomb, and
/// no byte of the packing can be changed unseen), and names are plain relative paths.
struct StrictArchive {
  /// One file of the archive.
  struct Entry: Equatable {
    /// Its path.
    var name: String
    /// Where its bytes stand.
    var range: Range<Int>
    /// CRC-32 as both headers give it.
    var crc: UInt32
  }

  /// The files, in order.
  private(set) var entries: [Entry] = []

  /// The most bytes that a bundle may have: below what needs ZIP64.
  static let largest = 0x7FFF_FFFF
  private static let mostEntries = 0xFFFE

  private let bytes: Data

  /// Reads the structure.
  /// - Throws: `BundleProblem` `archive` with the first thing that is wrong.
  init(_ data: Data) throws(BundleFault) {
    bytes = data
    guard bytes.count <= Self.largest else { throw fault("it is larger than 2 GiB") }
    let end = bytes.count - 22
    guard end >= 0, number(end, 4) == 0x0605_4B50 else {
      throw fault("its end is not that of a ZIP archive: cut off, or something was appended")
    }
    let (count, size, start) = (number(end + 10, 2), number(end + 12, 4), number(end + 16, 4))
    guard number(end + 4, 4) == 0, number(end + 8, 2) == count, number(end + 20, 2) == 0, count <= Self.mostEntries
    else { throw fault("its end names several volumes, a comment or two counts") }
    guard start + size == end else {
      throw fault("its directory does not stand directly before its end: something was put before, between or after")
    }
    try read(count, directory: start, end: end)
    try checkNames()
  }

  private mutating func read(_ count: Int, directory start: Int, end: Int) throws(BundleFault) {
    var (place, local) = (start, 0)
    for _ in 0..<count {
      guard place + 46 <= end, number(place, 4) == 0x0201_4B50 else { throw fault("its directory is damaged") }
      let length = number(place + 28, 2)
      guard place + 46 + length <= end else { throw fault("its directory is damaged") }
      let name = try name(at: place + 46, length)
      try check(local, place, name, length, start)
      let data = local + 30 + length
      let size = number(place + 20, 4)
      guard data + size <= start else { throw fault("the data of '\(name)' run into the directory") }
      entries.append(Entry(name: name, range: data..<data + size, crc: UInt32(number(place + 16, 4))))
      (place, local) = (place + 46 + length, data + size)
    }
    guard place == end else { throw fault("its directory holds more than its entries") }
    guard local == start else { throw fault("there are bytes between the last file and the directory") }
  }

  /// The header beside the data against the one in the directory, and both against the one form.
  private func check(
    _ local: Int, _ central: Int, _ name: String, _ length: Int, _ directory: Int
  ) throws(BundleFault) {
    guard local + 30 + length <= directory, number(local, 4) == 0x0403_4B50, number(central + 42, 4) == local else {
      throw fault("'\(name)' does not stand directly after the file before it: overlap, gap or another order")
    }
    guard bytes(local + 30, length) == bytes(central + 46, length), number(local + 26, 2) == length else {
      throw fault("'\(name)' has another name beside its data than in the directory")
    }
    guard number(local + 28, 2) == 0, number(central + 30, 4) == 0 else {
      throw fault("'\(name)' has an extra field or a comment")
    }
    // Version, flags, method, time, date, CRC and both sizes stand in both headers in the same order.
    guard bytes(local + 4, 22) == bytes(central + 6, 22) else {
      throw fault("'\(name)' is described in two ways, beside its data and in the directory")
    }
    let flags = number(local + 6, 2)
    guard flags & 1 == 0 else { throw fault("'\(name)' is encrypted") }
    guard flags & 8 == 0 else { throw fault("'\(name)' has a data descriptor, which says its size a third time") }
    guard flags == 0 else { throw fault("'\(name)' has unknown flags") }
    guard number(local + 8, 2) == 0, number(local + 18, 4) == number(local + 22, 4) else {
      throw fault("'\(name)' is compressed; Vitrine stores files as they are. Was the bundle packed anew?")
    }
    guard number(local + 4, 2) == 10, number(local + 10, 2) == 0, number(local + 12, 2) == 0x21 else {
      throw fault("'\(name)' has a time or a version that Vitrine does not write")
    }
    guard number(central + 4, 2) >> 8 == 3, number(central + 4, 2) & 0xFF == 63, number(central + 34, 4) == 0,
      number(central + 38, 4) == 0x81A4_0000
    else { throw fault("'\(name)' is not marked as a plain file: a link, a folder or a special file?") }
  }

  private func name(at place: Int, _ length: Int) throws(BundleFault) -> String {
    let raw = bytes(place, length)
    let text = String(decoding: raw, as: UTF8.self)
    guard raw.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), BundlePath.isPlain(text) else {
      throw fault(
        "a file is called '\(text.debugDescription.dropFirst().dropLast())', which is no plain relative path "
          + "of letters, digits, '.', '_' and '-'")
    }
    return text
  }

  /// No name twice, not even in another case, and no file where another one needs a folder.
  private func checkNames() throws(BundleFault) {
    var seen: Set<String> = []
    for entry in entries {
      guard seen.insert(entry.name.lowercased()).inserted else {
        throw fault("the name '\(entry.name)' occurs twice (the case of letters does not count)")
      }
    }
    for entry in entries {
      var folder = entry.name.lowercased()[...]
      while let slash = folder.lastIndex(of: "/") {
        folder = folder[..<slash]
        guard !seen.contains(String(folder)) else { throw fault("'\(folder)' is a file and a folder") }
      }
    }
  }

  /// A number in little-endian order; 0 beyond the end, where the length was checked before.
  private func number(_ place: Int, _ count: Int) -> Int {
    guard place >= 0, place + count <= bytes.count else { return 0 }
    let start = bytes.startIndex + place
    return bytes[start..<start + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private func bytes(_ place: Int, _ count: Int) -> Data {
    guard place >= 0, place + count <= bytes.count else { return Data() }
    return bytes[bytes.startIndex + place..<bytes.startIndex + place + count]
  }

  private func fault(_ what: String) -> BundleFault {
    BundleFault(problem: BundleProblem(.archive, nil, "the ZIP archive is not as Vitrine writes it: \(what)"))
  }
}

/// A problem after which a bundle cannot be read on.
struct BundleFault: Error {
  let problem: BundleProblem
}
