/// Documents that are read together and link to each other: the first is the core, the others are its annexes.
///
/// Inside each, a link names an anchor of any of them (`#run-3f9a12cd`). Where the anchor stands on another page, the link is made to
/// name that page's file, so that whoever writes a section need not know which page it stands on.
struct LinkedPages {
  /// A page by the name of its file without the ending, e.g. `dossier`, `evidence`.
  typealias Page = (name: String, document: Document)

  /// The pages, the core first.
  let pages: [Page]
  private let homes: [String: String]

  /// Pages with names of lower-case letters.
  /// - Throws: `ReportsError` `notRendered` for an anchor that stands on two pages, or twice on one.
  init(_ pages: [Page]) throws {
    var homes: [String: String] = [:]
    for page in pages {
      for anchor in try page.document.anchors() where homes.updateValue(page.name, forKey: anchor) != nil {
        guard Self.onEveryPage.contains(anchor) else {
          throw ReportsError(
            .notRendered, "the anchor '\(anchor)' stands on two pages: this is a fault of the program, report it")
        }
      }
    }
    self.pages = pages
    self.homes = homes
  }

  /// Anchors of the frame around each page.
  private static let onEveryPage: Set = ["content", "contents"]

  /// The pages with links as they are in files of one ending, e.g. `evidence.html#sex`.
  func linked(_ ending: String) -> [Page] {
    pages.map { page in
      var document = page.document
      document.sections = document.sections.map { $0.relinked { target($0, from: page.name, ending) } }
      return (page.name, document)
    }
  }

  /// Where a link leads that names an anchor, seen from a page; a link to anything else stays as it is.
  /// - Parameter page: the page's name; of a file beside them, any other name.
  func target(_ target: String, from page: String, _ ending: String) -> String {
    guard target.hasPrefix("#") else { return target }
    let anchor = String(target.dropFirst())
    guard !Self.onEveryPage.contains(anchor), let home = homes[anchor], home != page else { return target }
    return "\(home).\(ending)\(target)"
  }
}
