import Evidence
import Foundation

/// Elements of Annex IV as tasks of a calendar (RFC 5545, `VTODO`): open ones are missing, completed and cancelled ones are there or
/// do not apply, so that a calendar that reads the file again closes what was done.
///
/// No clock: the stamp is a given day's beginning, and a task's identifier follows from system, version and element.
struct TaskCalendar {
  /// One task.
  struct Task {
    /// How it stands.
    enum State: String {
      case open = "NEEDS-ACTION"
      case done = "COMPLETED"
      case cancelled = "CANCELLED"
    }

    /// What makes it this task and no other, whatever it is called.
    var key: [String]
    /// Its title.
    var summary: String
    /// What is to be done; several lines.
    var description: String
    /// Whom to ask (nil: nobody is named).
    var contact: String?
    /// The day by which it is due.
    var due: CalendarDate?
    var state: State
  }

  /// BCP 47.
  let language: String
  /// The day whose beginning (UTC) is the stamp of every task.
  let stamp: CalendarDate
  let tasks: [Task]

  /// The file's bytes: lines of at most 75 octets that end in CRLF.
  /// - Throws: `EvidenceError` if no digest can be computed.
  func data() throws -> Data {
    var lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Vitrine//Missing elements//EN", "CALSCALE:GREGORIAN"]
    for task in tasks { lines += try self.lines(of: task) }
    lines.append("END:VCALENDAR")
    return Data(lines.map { Self.folded($0) + "\r\n" }.joined().utf8)
  }

  private func lines(of task: Task) throws -> [String] {
    var lines = ["BEGIN:VTODO", "UID:\(try Self.identifier(task.key))", "DTSTAMP:\(Self.digits(stamp))T000000Z"]
    if let due = task.due { lines.append("DUE;VALUE=DATE:\(Self.digits(due))") }
    func text(_ name: String, _ value: String) { lines.append("\(name);LANGUAGE=\(language):\(Self.escaped(value))") }
    text("SUMMARY", task.summary)
    text("DESCRIPTION", task.description)
    if let contact = task.contact { lines.append("CONTACT:\(Self.escaped(contact))") }
    lines.append("STATUS:\(task.state.rawValue)")
    if task.state == .done { lines.append("PERCENT-COMPLETE:100") }
    return lines + ["END:VTODO"]
  }

  private static func digits(_ date: CalendarDate) -> String { date.description.replacing("-", with: "") }

  /// A UUID of version 8 from SHA-256 (RFC 9562, appendix B.2; RFC 7986, section 5.3, asks for a UUID).
  static func identifier(_ key: [String]) throws -> String {
    var bytes = Array(try SHA256.digest(of: CanonicalJSON.encode(["vitrine.task"] + key)).bytes.prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    var rest = hex[...]
    return [8, 4, 4, 4, 12].map { length in
      defer { rest = rest.dropFirst(length) }
      return String(rest.prefix(length))
    }.joined(separator: "-")
  }

  /// A TEXT value (RFC 5545, section 3.3.11). Control characters, which it forbids, are made visible.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in PlainText.visible(text).unicodeScalars {
      switch scalar {
      case "\\", ";", ",": result += "\\" + String(scalar)
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A content line cut after at most 75 octets, never within a character; each further piece begins with a space (section 3.1).
  static func folded(_ line: String) -> String {
    var (result, octets) = (String.UnicodeScalarView(), 0)
    for scalar in line.unicodeScalars {
      let length = UTF8.width(scalar)
      if octets + length > 75 {
        result.append(contentsOf: "\r\n ".unicodeScalars)
        octets = 1
      }
      result.append(scalar)
      octets += length
    }
    return String(result)
  }
}
