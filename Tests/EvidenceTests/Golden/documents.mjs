// Prints JSON texts in many spellings with their canonical form (RFC 8785), as an independent implementation makes it.
// Usage: node documents.mjs > documents.json

let state = 7
function random() { // mulberry32
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const pick = (list) => list[Math.floor(random() * list.length)]
const letters = ["a", "b", "Z", "0", "9", "_", " ", "\"", "\\", "/", "\b", "\t", "\n", "\f", "\r", "\u0000", "\u001f",
  "\u007f", "\u0080", "ö", "€", "\u2028", "\ud7ff", "\ue000", "\ufb33", "\uffff", "😀", "𝄞", "中"]
const space = () => pick(["", "", "", " ", "\n", "\t", "\r\n  "])
function text() {
  let result = ""
  for (let n = Math.floor(random() * 6); n > 0; n--) result += pick(letters)
  return result
}
function spellString(value) { // any of the escapes that JSON allows for each UTF-16 unit
  let result = "\""
  for (const character of value) {
    const must = character < " " || character === "\"" || character === "\\"
    if (must || random() < 0.2) {
      for (let i = 0; i < character.length; i++) {
        let hex = character.charCodeAt(i).toString(16).padStart(4, "0")
        if (random() < 0.5) hex = hex.toUpperCase()
        result += "\\u" + hex
      }
    } else if (character === "/" && random() < 0.5) {
      result += "\\/"
    } else {
      result += character
    }
  }
  return result + "\""
}
function spellNumber() {
  const integer = pick(["0", "1", "7", "10", "255", "333333333", "9007199254740991", "12345678901234567890"])
  const fraction = pick(["", "", ".0", ".5", ".33333329", ".000000000000000000000000001", ".10"])
  const exponent = pick(["", "", "e0", "E5", "e+20", "e-7", "E-30"])
  return pick(["", "-"]) + integer + fraction + exponent
}
function spell(depth) { // one random text
  const kind = random()
  if (depth > 4 || kind < 0.25) return spellNumber()
  if (kind < 0.5) return spellString(text())
  if (kind < 0.6) return pick(["true", "false", "null"])
  const count = Math.floor(random() * 5)
  if (kind < 0.75) {
    const elements = Array.from({ length: count }, () => space() + spell(depth + 1) + space())
    return "[" + (elements.length ? elements.join(",") : space()) + "]"
  }
  const keys = [...new Set(Array.from({ length: count }, text))]
  const members = keys.map((key) => space() + spellString(key) + space() + ":" + space() + spell(depth + 1) + space())
  return "{" + (members.length ? members.join(",") : space()) + "}"
}
function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]"
  if (value === null || typeof value !== "object") return JSON.stringify(value)
  const keys = Object.keys(value).sort() // by UTF-16 code units
  return "{" + keys.map((key) => JSON.stringify(key) + ":" + canonical(value[key])).join(",") + "}"
}
const cases = []
while (cases.length < 150) {
  const input = space() + spell(0) + space()
  if (input.length > 20 || cases.length % 10 === 0) cases.push({ input, canonical: canonical(JSON.parse(input)) })
}
console.log("[\n" + cases.map((one) => JSON.stringify(one)).join(",\n") + "\n]")
