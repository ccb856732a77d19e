import CCmarkGFM

/// The library that renders the provider's Markdown, as loaded now.
public enum MarkdownLibrary {
  /// cmark-gfm's version.
  public static var version: String { String(cString: cmark_version_string()) }
}
