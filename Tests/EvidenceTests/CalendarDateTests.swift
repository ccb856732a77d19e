import Testing

@testable import Evidence

@Suite("A date as people write it")
struct CalendarDateTests {
  /// The readings follow ISO 8601-1 (year first), DIN 5008 (full stops: day first) and the calendar.
  @Test(
    "is read where it can be read in one way",
    arguments: [
      ("2026-03-03", "2026-03-03"), ("2026/03/03", "2026-03-03"), ("2026.3.3", "2026-03-03"),
      ("2026-3-31", "2026-03-31"),
      ("03.03.2026", "2026-03-03"), ("3.4.2026", "2026-04-03"), ("3. 4. 2026", "2026-04-03"),
      ("31.12.2026", "2026-12-31"),
      ("3 March 2026", "2026-03-03"), ("3 mar 2026", "2026-03-03"), ("3rd March 2026", "2026-03-03"),
      ("March 3, 2026", "2026-03-03"), ("Mar. 3, 2026", "2026-03-03"), ("3. März 2026", "2026-03-03"),
      ("3. Ma\u{308}rz 2026", "2026-03-03"), ("3. Maerz 2026", "2026-03-03"), ("1. Jänner 2026", "2026-01-01"),
      ("24. Dez. 2026", "2026-12-24"), ("5 Sept 2026", "2026-09-05"), ("29 February 2028", "2028-02-29"),
      ("25/12/2026", "2026-12-25"), ("12/25/2026", "2026-12-25"), ("03/03/2026", "2026-03-03"),
      ("31-03-2026", "2026-03-31"),
      ("  3 March 2026 ", "2026-03-03"),
    ])
  func read(_ text: String, _ day: String) throws {
    #expect(try CalendarDate.read(text).description == day)
  }

  @Test("is refused with both readings where day and month can be exchanged")
  func ambiguous() throws {
    for text in ["03/04/2026", "3-4-2026", "3/4/2026"] {
      let error = #expect(throws: CalendarDate.Misreading.self) { try CalendarDate.read(text) }
      #expect(error == .ambiguous(try #require(CalendarDate("2026-04-03")), try #require(CalendarDate("2026-03-04"))))
      #expect(error?.description.contains("2026-04-03 (day first) and as 2026-03-04 (month first)") == true)
    }
  }

  @Test(
    "is refused where it is none",
    arguments: [
      ("2026-02-29", CalendarDate.Misreading.noSuchDay), ("31/04/2026", .noSuchDay), ("32.1.2026", .noSuchDay),
      ("30 February 2026", .noSuchDay), ("13/13/2026", .noSuchDay), ("0.1.2026", .noSuchDay), ("3.4.26", .shortYear),
      ("3/4/26", .shortYear), ("3 March 26", .shortYear), ("soon", .noDate), ("", .noDate), ("Q3 2026", .noDate),
      ("3 Marzo 2026", .noDate), ("3 ma 2026", .noDate), ("2026-03-03T10:00", .noDate), ("２０２６-03-03", .noDate),
      ("next week", .noDate), ("3.4", .noDate), ("1/2/3/2026", .noDate), ("March 2026", .noDate),
    ])
  func refused(_ text: String, _ why: CalendarDate.Misreading) {
    #expect(throws: why) { try CalendarDate.read(text) }
  }

  /// 400 Gregorian years have 146,097 days, of which none is read as another.
  @Test("every day of 400 years comes out as it goes in, in five ways of writing")
  func everyDay() throws {
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    var count = 0
    for year in 1900..<2300 {
      for month in 1...12 {
        for day in 1...31 {
          guard let date = CalendarDate(year: year, month: month, dayOfMonth: day) else { continue }
          count += 1
          guard day % 7 == 3 else { continue }
          for text in [
            "\(day).\(month).\(year)", "\(day) \(names[month - 1]) \(year)", "\(names[month - 1]) \(day), \(year)",
            "\(year)/\(month)/\(day)", date.description,
          ] { #expect(try CalendarDate.read(text) == date) }
        }
      }
    }
    #expect(count == 146_097)
  }
}
