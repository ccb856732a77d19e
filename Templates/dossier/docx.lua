-- What pandoc's writer of DOCX does not do itself: the language of words in another language than the document's.
--
-- 'vitrine dossier build --docx' marks them with a div that has the style "Law" and a language; they are plain text. Pandoc sets the
-- language of every style to the document's, so each run of such a text says its own.

local function escaped(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;"))
end

function Div(div)
  local language = div.attributes["lang"]
  if div.attributes["custom-style"] ~= "Law" or not language then return nil end
  local function marked(block)
    block.content = {
      pandoc.RawInline(
        "openxml",
        '<w:r><w:rPr><w:lang w:val="' .. escaped(language) .. '"/></w:rPr><w:t xml:space="preserve">'
          .. escaped(pandoc.utils.stringify(block)) .. "</w:t></w:r>"),
    }
    return block
  end
  return pandoc.walk_block(div, {Para = marked, Plain = marked})
end
