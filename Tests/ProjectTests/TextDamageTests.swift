import Foundation
import Testing

@testable import Project

/// Damage here was made with Python: `text.encode().decode('cp1252')`.
@Suite("Damaged texts")
struct TextDamageTests {
  @Test(
    "Text that Windows-1252 made of UTF-8 is found, with the letters that were meant",
    arguments: [
      ("cafÃ©", "é"), ("GÃ¶ÃŸe", "ö"), ("MÃ¼ller", "ü"), ("StraÃŸe", "ß"), ("Ã–sterreich", "Ö"), ("itâ€™s", "’"),
      ("â€œquotedâ€\u{9D}", "“"), ("10 â‚¬", "€"), ("â€“ a dash", "–"), ("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "П"), ("æ—¥æœ¬", "日"),
      ("ðŸ˜€ fine", "😀"), ("Å‚Ã³dÅº", "ł"), ("Æ°á»\u{203A}c", "ư"), ("ÃƒÂ©", "Ã"), ("Â£20", "£"), ("seÃ±or", "ñ"),
    ])
  func misread(text: String, meant: String) throws {
    let damage = try #require(TextDamage(text))
    #expect(damage.cause.hasPrefix("'\(meant)' in UTF-8"), "\(damage.cause)")
  }

  @Test(
    "Ordinary text is not damaged",
    arguments: [
      "Größe, Äpfel, Öl, Übermut, Straße – „Ä“ und »Ö« … „ÖKOLOGIE“, 20 °C, § 5, 3 × 4 m²",
      "Déjà vu : « voilà », « café », « été »… l’œuvre d’Édith, à 10 €, GARÇON, ÎLE, « naïveté\u{A0}»",
      "« voilà\u{A0}», « café\u{A0}», « déjà\u{A0}» et encore « là\u{A0}»", "né…”, café…”, été…»",
      "Tiếng Việt: Đường phố Hà Nội, Ước mơ, Ẩm thực, Ân huệ, Ô tô, NGUYỄN VĂN ÂN", "中文文本，没有问题。「測試」", "日本語テキスト、問題なし。",
      "Å, 5 Å², 10 Å³, 2.5 Å ± 0.1", "ESPAÑA, AÑO, «Ñ», NÃO, IRMÃ, IRMÃ”, Â", "Łódź, Żółć, šťastný, žluťoučký kůň",
      "Привет, мир! «Ёлка»", "Ελληνικά κείμενα", "שלום", "R&D", "AT&T", "Q&A; later", "a && b; c &x; d",
      "if (a & b) { return x &= y; }", "<p>Tom &amp; Jerry</p>", "for (int i = 0; i < n; ++i) s += &a[i];",
      "İstanbul, ığdır", "\\nabla f", "C:\\new\\Temp", "$\\nu$", "re.compile(r'\\u00e4')", "print('a\\n')", "50%20",
      "https://x.org/a%20b", "5 % off",
      "100 % – 5 ‰ • one ™", "☕ 👍🏽 👨‍👩‍👧",
    ])
  func ordinary(text: String) {
    #expect(TextDamage(text) == nil, "\(TextDamage(text)?.what ?? "")")
  }

  @Test(
    "Words that forms have as answers are values",
    arguments: [
      "none", "unknown", "no", "0", "Nancy", "inflation", "NAB", "+", "male", "Infineon", "-1", "n", "#1", "Na", "Nan",
    ])
  func values(text: String) {
    #expect(!ValueDoubts.isMissing(text))
  }

  @Test(
    "What a record is for is read from values and names",
    arguments: [
      ("train_set", DataPart.training), ("Training", .training), ("TRAIN", .training), ("trn", .training),
      ("train2", .training), ("in-sample", .training), ("trainVal", .training), ("dev", .validation),
      ("valid", .validation),
      ("Test set", .test), ("holdout", .test), ("out-of-time", .test), ("eval", .test),
    ])
  func part(value: String, part: DataPart) {
    #expect(DataPart(value) == part)
  }

  @Test("Other values are no parts", arguments: ["trainee", "car", "male", "1", "", "data", "contest", "unfit"])
  func noPart(value: String) {
    #expect(DataPart(value) == nil)
  }
}
