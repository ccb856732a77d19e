import Foundation
import Templates
import Testing

@testable import Reports

@Suite("The page template")
struct RenderTemplateTests {
  private static let installed = try? String(
    contentsOf: Templates.url("dossier/dossier.html.mustache"), encoding: .utf8)
  private var whole: String { Self.installed ?? "" }

  private func message(_ frame: String, style: String = "") -> (code: ReportsError.Code, text: String)? {
    do {
      _ = try PageTemplate(frame: frame, style: style)
      return nil
    } catch let error as ReportsError {
      return (error.code, error.message)
    } catch {
      return nil
    }
  }

  @Test("the installed template and style sheet are accepted, as they are and through the checks")
  func installed() throws {
    _ = try PageTemplate()
    #expect(message(whole) == nil)
  }

  @Test("another order, other classes and more structure are looks")
  func ownFrame() {
    let own = """
      {{! ours }}<!DOCTYPE html>
      <html lang="{{language}}"><head><meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
      <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
      <title>{{title}}</title><style>{{{style}}}</style></head>
      <body class="own-a"><a class="skip" href="#content">{{skipToContent}}</a>
      <div class="columns own-b"><main id="content">{{{body}}}</main>
      <nav aria-label="{{contents}}">{{{contentsList}}}</nav></div>
      <footer class="page"><h1>{{title}}</h1><p>{{subtitle}}</p></footer></body></html>
      """
    #expect(message(own) == nil, "\(message(own)?.text ?? "")")
  }

  @Test("a misspelt name is named with what was meant")
  func misspelt() throws {
    let found = try #require(message(whole.replacing("{{title}}", with: "{{titel}}")))
    #expect(found.code == .badTemplate && found.text.contains("titel") && found.text.contains("'title'"))
  }

  @Test("a page that leaves out a placeholder is refused", arguments: PageTemplate.Name.allCases)
  func leftOut(_ name: PageTemplate.Name) throws {
    let tag = name.isMarkup ? "{{{\(name.rawValue)}}}" : "{{\(name.rawValue)}}"
    #expect(message(whole.replacing(tag, with: ""))?.code == .badTemplate)
  }

  @Test("plain text in triple braces and markup in double braces are refused with the line")
  func braces() throws {
    let raw = try #require(message(whole.replacing("<title>{{title}}", with: "<title>{{{title}}}")))
    #expect(raw.text.contains("line 8") && raw.text.contains("{{title}}"))
    #expect(message(whole.replacing("{{{body}}}", with: "{{body}}"))?.text.contains("{{{body}}}") == true)
  }

  @Test(
    "sections, partials, changed delimiters, transforms and open tags are refused",
    arguments: ["{{#body}}", "{{>part}}", "{{=<% %>=}}", "{{&title}}", "{{uppercased(title)}}", "{{title", "{{}}"])
  func otherTags(_ tag: String) throws {
    #expect(message(whole + tag)?.code == .badTemplate)
  }

  /// What would lose the body, hide it, or say something beside it (HTML Living Standard, 13.2 and 15.3.1).
  @Test(
    "a frame that loses, hides or adds to the body is refused",
    arguments: [
      ("{{{body}}}", "<!-- {{{body}}} --><p>ALL REQUIREMENTS ARE MET</p>"),
      ("{{{body}}}", "ALL REQUIREMENTS ARE MET {{{body}}}"), ("{{{body}}}", "{{{body}}}{{{body}}}"),
      ("{{{body}}}", "<template>{{{body}}}</template>"), ("{{{body}}}", "<noscript>{{{body}}}</noscript>"),
      ("{{{body}}}", "<textarea>{{{body}}}</textarea>"), ("{{{body}}}", "<plaintext>{{{body}}}"),
      ("{{{body}}}", "<details><summary>x</summary>{{{body}}}</details>"), ("{{{body}}}", "<svg>{{{body}}}</svg>"),
      ("{{{body}}}", "<iframe srcdoc=\"x\">{{{body}}}</iframe>"), ("{{{body}}}", "<![CDATA[{{{body}}}]]>"),
      ("{{{body}}}", "<xmp>{{{body}}}</xmp>"), ("{{{body}}}", "<p title=\"{{{body}}}\"></p>"),
      ("{{{body}}}", "<select>{{{body}}}</select>"), ("{{{body}}}", "{{! {{{body}}} }}"), ("{{{body}}}", ""),
      ("<main id", "<main hidden id"), ("<main id", "<main style=\"display:none\" id"),
      ("<main id", "<main inert aria-hidden=\"true\" id"), ("<main id", "<main popover id"),
      ("<main id", "<main class=\"drawing wide\" id"), ("<main id", "<main class=\"skip\" id"),
      ("<main id", "<main onclick=\"x()\" id"), ("<main id=\"content\"", "<main id=content"),
      ("<main id=\"content\"", "<main id='content'"), ("<main id", "<MAIN id"),
      ("</head>", "<script>x()</script></head>"), ("</head>", "<link rel=\"stylesheet\" href=\"x\"></head>"),
      ("</head>", "<base href=\"http://e.x/\"></head>"),
      ("</head>", "<meta http-equiv=\"refresh\" content=\"0;url=x\"></head>"),
      ("</head>", "<style>main{display:none}</style></head>"), ("{{{style}}}", "{{{style}}} main{display:none}"),
      ("{{{style}}}", "main{display:none} {{{style}}}"), ("<style>", "<style media=\"print\">"),
      ("default-src 'none'", "default-src *"), ("img-src data:", "img-src data: https:"),
      (
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n",
        ""
      ),
      (
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
        "<meta name=\"viewport\" content=\"width=1\">"
      ),
      ("<title>{{title}}", "<title>ALL MET {{title}}"), ("<h1>{{title}}</h1>", "<h1>Certified</h1>"),
      ("{{skipToContent}}", "Certified"), ("<body>", "<body><p>Certified</p>"), ("</html>", "</html> Certified"),
      ("</html>", "</html><!-- Certified -->"), ("<!DOCTYPE html>\n", ""),
      ("<!DOCTYPE html>", "Certified<!DOCTYPE html>"),
      ("</main>", ""), ("</main>\n</div>", "</div>\n</main>"), ("href=\"#content\"", "href=\"http://e.x\""),
      ("<p>{{subtitle}}</p>", "<p>{{subtitle}}</p><img src=\"data:x\">"),
      ("<p>{{subtitle}}</p>", "<p>{{subtitle}} &#9989;</p>"),
      ("<html lang=\"{{language}}\">", "<html lang=\"en\">"), ("<html lang", "<html\u{301} lang"),
      ("<nav aria-label=\"{{contents}}\">", "<nav aria-label=\"{{title}}\">"), ("{{{body}}}", "{{{body}}}\u{301}"),
      ("<main ", "<main\u{0}"), ("<main ", "<main\u{A0}"), ("{{{body}}}", "\u{FEFF}{{{body}}}"),
      ("<nav ", "<nav hidden "),
    ])
  func otherFrames(_ old: String, _ new: String) throws {
    let changed = whole.replacing(old, with: new, maxReplacements: 1)
    try #require(changed != whole)
    let found = try #require(message(changed), "\(new)")
    #expect(found.code == .badTemplate && found.text.contains("dossier.html.mustache, line "), "\(found.text)")
  }

  @Test("comments are allowed")
  func comments() { #expect(message(whole + "{{! my looks }}") == nil) }

  @Test(
    "a style sheet that hides, adds, reaches outside or cannot be read here is refused with its line",
    arguments: [
      "@import 'x.css';", "a{background:URL(http://e.x)}", "</STYLE><script>", "<!--", "main { display: none }",
      "main { visibility: hidden }", "main { opacity: 0 }", "main { clip-path: inset(100%) }", "main { color: #fff }",
      "main { color: white }", "main { color: transparent }", "main { color: rgba(0,0,0,0) }",
      "main { color: var(--wash) }",
      "main { background: #000 }", "main { background: #1b1b1b }", ":root { --ink: #fff }", ":root { --wash: #111 }",
      "main { --ink: #111 }", "main { font-size: 0 }", "main { font-size: 0.01px }", "main { font-size: 0.1em }",
      "main { font: 0/0 a }", "main { line-height: 0 }", "main { position: absolute; left: -9999px }",
      "main { text-indent: -9999px }", "main { margin-left: -9999px }", "main { transform: scale(0) }",
      "main { width: 0 }", "main { max-width: 0 }", "main { height: 0; overflow: hidden }", "main { zoom: 0 }",
      "main::before { content: 'ALL MET' }", ".badge::after { content: \"complete\" }", "li { list-style: 'ALL MET' }",
      "li { list-style-type: \"ALL MET\" }", "q { quotes: 'ALL' 'MET' }",
      "@font-face { font-family: x; src: local(y) }",
      "p { font-family: Wingdings }", "p { font: 1rem 'Zapf Dingbats' }", "main { \\64isplay: none }",
      "main { d\\69splay: none }", "main { display/**/: none }", "main { dis/**/play: none }",
      "m\\61in { color: #111 }",
      "main { DISPLAY: none }", "@layer a { main { display: none } }",
      "@supports (color: red) { main { color: #111 } }",
      "@media (min-width: 1px) and (foo) { p { color: #111 } }", "@keyframes x { from { opacity: 0 } }",
      "@media print { main { display: none } }", "@container (min-width: 1px) { main { color: #111 } }",
      "main { p { display: none } }", "main { & p { color: #111 } }", "p { color: #111 !important }",
      "p { color: #11 }",
      "@page { @top-left { content: 'ALL MET' } }", "@page { size: 1mm 1mm }", "@page { margin: -100mm }",
      "p { filter: blur(9px) }",
      "p { text-transform: full-size-kana }", "p { color: #1\u{301}11 }", "p\u{301} { color: #111 }", "p { color: #111",
      "} p { color: #111 }",
      "@namespace x url(y);", "@charset 'x';", "p { animation: x 1s }", "p { -webkit-text-fill-color: #fff }",
      "p { mask: none }", "p { all: unset }", "p { writing-mode: vertical-rl }", "p { direction: rtl }",
      "p { text-shadow: 0 0 9px }",
      "[class] { color: #111 }", "p { content-visibility: hidden }", "p { white-space: nowrap }",
      "p { border: 9999px solid #fff }",
      "p { letter-spacing: -1em }", "p { word-spacing: 99em }", "p { padding: 9999px }",
    ])
  func styles(_ style: String) throws {
    let found = try #require(message(whole, style: "p { color: #123456 }\n" + style), "\(style)")
    #expect(found.code == .badTemplate && found.text.contains("style.css, line 2"), "\(found.text)")
  }

  @Test(
    "colours with contrast, letters, sizes, spaces and borders are looks",
    arguments: [
      "p { color: #123456 }", ":root { --accent: #003366; --sans: \"Open Sans\", Arial, sans-serif }",
      "body { background: #fdfdf5 }",
      "h2 { font: italic 600 1.4rem/1.3 Georgia, serif; margin: 2rem 0 0.5rem }",
      "@media print { body { font-size: 11pt } }",
      "main { max-width: 60rem; padding-left: 1rem }", "table { border-collapse: separate; border: 1px solid #888 }",
      "@page { size: A4 landscape; margin: 15mm }", "a:hover { text-decoration: underline } /* ours */",
      "@media (min-width: 50rem) { header.page h1 { letter-spacing: 0.02em; text-transform: uppercase } }",
    ])
  func looks(_ style: String) {
    #expect(message(whole, style: style) == nil, "\(message(whole, style: style)?.text ?? "")")
  }

  @Test(
    "a changed copy of the installed sheet is read, keeps what the installed one shows, and adds only what it changed")
  func changedCopy() throws {
    let installed = try String(contentsOf: Templates.url("dossier/style.css"), encoding: .utf8)
    let copy = installed.replacing("--accent: #1f4e79", with: "--accent: #003366")
      .replacing("  .drawing.wide { display: block; }", with: "")
    let page = try PageTemplate(frame: whole, style: copy).render([:])
    let style = try #require(page.components(separatedBy: "<style>").last?.components(separatedBy: "</style>").first)
    let own = try #require(style.components(separatedBy: installed).last)
    #expect(style.contains(installed) && own.contains(":root { --accent: #003366 }") && !own.contains("display"))
    // The warning keeps its colours whatever selector somebody finds.
    #expect(own.contains(".warning { color: #fff !important"))
  }

  /// WCAG 2.2, relative luminance: the examples of white, black and #777777 (0.1845 by the formula there).
  @Test("luminance is that of WCAG")
  func luminance() throws {
    #expect(StyleValues.luminance("#fff") == 1 && StyleValues.luminance("#000000") == 0)
    #expect(abs(try #require(StyleValues.luminance("#777777")) - 0.1845) < 1e-3)
    #expect(
      StyleValues.luminance("#ggg") == nil && StyleValues.luminance("#+ff") == nil
        && StyleValues.luminance("#12345") == nil)
  }

  @Test("a user's own file is used with the installed one, file by file")
  func overrides() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("looks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try "p { color: #123456 }".write(to: folder.appendingPathComponent("style.css"), atomically: true, encoding: .utf8)
    let page = try HTMLRenderer(text: InterfaceText.english(), page: PageTemplate(overrides: folder))
      .render(RenderSamples.everything("plain"))
    #expect(page.contains("p { color: #123456 }"))
    #expect(page.contains("<main id=\"content\""))
  }
}
